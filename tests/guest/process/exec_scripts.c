/*
 * execve(2) of scripts: the interpreter's arguments, scripts of scripts, and
 * what becomes of the rest of the #! line.
 */
#include "tap.h"

static char cwd[64];

/* A program run as the interpreter prints its arguments: this one. */
static int show_arguments(int argc, char **argv)
{
	char line[512] = "";
	int i;

	for (i = 0; i < argc; i++) {
		strcat(line, "[");
		strncat(line, argv[i], 300);
		strcat(line, "]");
	}
	return write(1, line, strlen(line)) < 0;
}

/* output_of - what `path a1 a2` writes. */
static char *output_of(const char *path, const char *a1, const char *a2)
{
	static char text[512];
	int pipes[2];
	pid_t pid;
	int got;
	int length = 0;

	if (pipe(pipes))
		bail("pipe");
	pid = fork();
	if (pid == 0) {
		dup2(pipes[1], 1);
		close(pipes[0]);
		close(pipes[1]);
		execl(path, "zero", a1, a2, NULL);
		_exit(1);
	}
	close(pipes[1]);
	while ((got = read(pipes[0], text + length, 511 - length)) > 0)
		length += got;
	text[length] = 0;
	close(pipes[0]);
	exit_code(pid);
	return text;
}

/* put_script - FILE, executable, with that #! line. */
static void put_script(const char *file, const char *format)
{
	char line[600];

	snprintf(line, sizeof(line), format, cwd);
	put_file(file, line);
	if (chmod(file, 0755))
		bail(file);
}

static int is(const char *text, const char *format)
{
	char want[600];

	snprintf(want, sizeof(want), format, cwd);
	if (!strcmp(text, want))
		return 1;
	tap_line("# got %s, want %s\n", text, want);
	return 0;
}

static void arguments(void)
{
	put_script("one", "#!%s/show\n");
	ok(is(output_of("./one", "a", "b"), "[%s/show][./one][a][b]"),
	   "the interpreter, the script's path, its arguments");
	put_script("two", "#! %s/show  \t-x  y z \nrest\n");
	ok(is(output_of("./two", "a", NULL), "[%s/show][-x  y z][./two][a]"),
	   "all that follows the interpreter is one argument");
	put_script("three", "#!%s/show");
	ok(is(output_of("./three", NULL, NULL), "[%s/show][./three]"),
	   "the line need not end");
	put_script("four", "#!\t%s/show\t\n");
	ok(is(output_of("./four", NULL, NULL), "[%s/show][./four]"),
	   "blanks around it are dropped");
	put_script("relative", "#!show -r\n");
	ok(is(output_of("./relative", NULL, NULL), "[show][-r][./relative]"),
	   "a relative interpreter is found from the working folder");
}

static void nested(void)
{
	put_script("inner", "#!%s/show -i\n");
	put_script("outer", "#!inner -o\n");
	ok(is(output_of("./outer", "a", NULL),
	      "[%s/show][-i][inner][-o][./outer][a]"),
	   "a script as the interpreter of a script");
}

static void long_lines(void)
{
	char line[600];
	char want[600];
	int i;

	/* 255 bytes of the line count: #!, the path, a blank, the argument. */
	i = snprintf(line, sizeof(line), "#!%s/show ", cwd);
	memset(line + i, 'x', 500 - i);
	strcpy(line + 500, "\n");
	put_file("long", line);
	chmod("long", 0755);
	i = snprintf(want, sizeof(want), "[%s/show][", cwd);
	memset(want + i, 'x', 600 - i);
	snprintf(want + i + 255 - (strlen(cwd) + 8), 20, "][./long]");
	ok(!strcmp(output_of("./long", NULL, NULL), want),
	   "an argument is cut at 255 bytes of the line");
	memset(line + 2, 'y', 498);
	line[2] = '/';
	put_file("long", line);
	ok(fails(execl("./long", "long", NULL), ENOEXEC),
	   "an interpreter's path is not: ENOEXEC");
	put_file("long", "#! \t\n");
	ok(fails(execl("./long", "long", NULL), ENOEXEC),
	   "nor is a line without one");
	put_file("long", "#! ");
	ok(fails(execl("./long", "long", NULL), EACCES),
	   "which ends the file: EACCES");
}

static void shell(void)
{
	put_script("shell", "#!/bin/sh\necho $0 $# $1\nexit 3\n");
	ok(!strcmp(output_of("./shell", "arg", NULL), "./shell 1 arg\n"),
	   "a shell script sees its name and arguments");
	ok(strstr(file_text("/proc/self/comm", cwd, 64), "exec_scripts"),
	   "comm is the program's name");
}

static int names_script(void)
{
	put_file("comm", "#!/bin/sh\ncat /proc/$$/comm\n");
	chmod("comm", 0755);
	return strcmp(output_of("./comm", NULL, NULL), "comm\n");
}

static int by_descriptor(void)
{
	char *args[] = {"zero", NULL};
	char *env[] = {NULL};
	int fd = open("one", O_RDONLY);
	int kept = open("one", O_RDONLY | O_CLOEXEC);

	need(fd >= 0);
	dup2(open("/dev/null", O_WRONLY), 1);
	need(fails(fexecve(kept, args, env), ENOENT));
	fexecve(fd, args, env);
	return 1;
}

int main(int argc, char **argv)
{
	char self[128];
	char own[256];
	int length;

	snprintf(own, sizeof(own), "%s", argv[0]);
	if (strstr(own, "show") || strstr(own, "/proc/self"))
		return show_arguments(argc, argv);
	tap_folder("scripts");
	if (!getcwd(cwd, sizeof(cwd)))
		bail("getcwd");
	length = readlink("/proc/self/exe", self, sizeof(self) - 1);
	self[length > 0 ? length : 0] = 0;
	if (symlink(self, "show"))
		bail("symlink");
	arguments();
	nested();
	long_lines();
	ok(in_child(by_descriptor) == 0,
	   "fexecve of a script; not by a descriptor that exec closes");
	ok(in_child(names_script) == 0, "a script's comm is the script's name");
	shell();
	return done_testing();
}
