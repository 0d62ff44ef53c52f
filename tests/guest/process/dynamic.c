/*
 * Programs with an interpreter: the dynamic loader is mapped, finds the
 * program by the auxiliary vector, and runs it.
 */
#include "tap.h"
#include <elf.h>

#define LOADER	"/lib/ld-musl-x86_64.so.1"
#define PROGRAM "/bin/busybox-dynamic"

/* output_of - what the command writes, and how it ends. */
static char *output_of(char *const args[], int *code)
{
	static char text[16384];
	int pipes[2];
	pid_t pid;
	int length = 0;
	int got;

	if (pipe(pipes))
		bail("pipe");
	pid = fork();
	if (pid == 0) {
		dup2(pipes[1], 1);
		close(pipes[0]);
		execv(args[0], args);
		_exit(errno);
	}
	close(pipes[1]);
	while ((got = read(pipes[0], text + length, 16383 - length)) > 0)
		length += got;
	text[length] = 0;
	close(pipes[0]);
	*code = exit_code(pid);
	return text;
}

static void runs(void)
{
	char *direct[] = {PROGRAM, "sh", "-c", "echo $((6 * 7)); exit 3", NULL};
	char *loader[] = {LOADER, PROGRAM, "echo", "hello", NULL};
	char *maps[] = {PROGRAM, "cat", "/proc/self/maps", NULL};
	char *text;
	int code;

	text = output_of(direct, &code);
	ok(!strcmp(text, "42\n") && code == 3, "a dynamic program runs");
	text = output_of(loader, &code);
	ok(!strcmp(text, "hello\n") && code == 0,
	   "the loader runs it as its argument");
	text = output_of(maps, &code);
	ok(strstr(text, LOADER "\n") && strstr(text, PROGRAM "\n") &&
		   strstr(text, "[stack]"),
	   "both files are mapped");
	ok(strstr(text, "r-xp") && strstr(text, "rw-p") && !strstr(text, "rwx"),
	   "with code to run, data to write, nothing for both");
}

/* copy_with - a copy of the program whose interpreter is PATH. */
static void copy_with(const char *to, const char *path)
{
	static char image[2 << 20];
	Elf64_Ehdr *header = (void *)image;
	Elf64_Phdr *part;
	int length;
	int fd;
	int i;

	fd = open(PROGRAM, O_RDONLY);
	length = read(fd, image, sizeof(image));
	close(fd);
	part = (void *)(image + header->e_phoff);
	for (i = 0; i < header->e_phnum; i++)
		if (part[i].p_type == PT_INTERP)
			strcpy(image + part[i].p_offset, path);
	fd = open(to, O_WRONLY | O_CREAT, 0755);
	if (write(fd, image, length) != length)
		bail("copy");
	close(fd);
}

static void refused(void)
{
	char *none[] = {"./none", "true", NULL};
	char *folder[] = {"./folder", "true", NULL};
	char *text[] = {"./text", "true", NULL};
	int code;

	copy_with("none", "/lib/none.so");
	output_of(none, &code);
	ok(code == ENOENT, "no such interpreter: ENOENT");
	copy_with("folder", "/lib");
	output_of(folder, &code);
	ok(code == EACCES, "a folder as the interpreter: EACCES");
	copy_with("text", "/etc/init.d/rcS");
	output_of(text, &code);
	ok(code == ELIBBAD || code == 128 + SIGSEGV,
	   "an interpreter that is no program: ELIBBAD");
}

static void many(void)
{
	char *args[] = {PROGRAM, "true", NULL};
	int good = 0;
	int code;
	int i;

	for (i = 0; i < 30; i++) {
		output_of(args, &code);
		good += code == 0;
	}
	ok(good == 30, "thirty times");
}

int main(void)
{
	tap_folder("dynamic");
	runs();
	refused();
	many();
	return done_testing();
}
