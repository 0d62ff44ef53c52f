/*
 * decode.c - prints calls as `name(arg, "path", ...) = result`.
 *
 * strace=sh,init on the command line decodes the calls of processes with
 * those names (comm), strace=all those of every process.  Strings are read
 * from the program before the call and cut at 32 bytes; other pointers and
 * numbers are shown as they are.  The types come from table.h, so a new call
 * is decoded without any work here.
 *
 * Entry points: syscall_decode_init, syscall_dispatch_decoded, syscall_name.
 */
#include <syscalls/decode.h>

#include <abi/errno.h>
#include <kernel/arch/context.h>
#include <kernel/arch/paging.h>
#include <kernel/arch/ptrace_regs.h>
#include <kernel/arch/uaccess.h>
#include <kernel/base/cmdline.h>
#include <kernel/base/printk.h>
#include <kernel/lib/format.h>
#include <kernel/lib/macros.h>
#include <kernel/lib/string.h>
#include <kernel/process/syscall_user_dispatch.h>
#include <kernel/types/task.h>

#define STRING_SHOWN 32
#define LINE_SIZE    512
#define MAX_ARGS     6

/*
 * A line of the table as text: "read(unsigned int, fd, char __user *, buf,
 * size_t, count": types and names in turn.  No type holds a comma.
 */
static const char *const call_texts[] = {
#define SYSCALL(nr, name, n, ...) [nr] = #name "(" #__VA_ARGS__,
#include <syscalls/table.h>
};

bool syscall_decode_on;
static const char *decode_names;

void syscall_decode_init(void)
{
	decode_names = cmdline_get("strace");
	syscall_decode_on = decode_names != NULL;
	syscall_entry_work += syscall_decode_on;
}

size_t syscall_name(unsigned long nr, char *buf, size_t size)
{
	const char *text;

	if (nr >= ARRAY_SIZE(call_texts) || !call_texts[nr])
		return 0;
	text = call_texts[nr];
	return (size_t)scnprintf(buf, size, "%.*s",
				 (int)(strchr(text, '(') - text), text);
}

/* Is current's name in the list? */
static bool current_is_decoded(void)
{
	const char *comm = current->comm;
	size_t len = strlen(comm);
	const char *p = decode_names;

	if (!strcmp(p, "all"))
		return true;
	while (*p) {
		if (!strncmp(p, comm, len) && (p[len] == ',' || !p[len]))
			return true;
		while (*p && *p != ',')
			p++;
		if (*p)
			p++;
	}
	return false;
}

/* Is the @len bytes long text at @s equal to @word? */
static bool is_word(const char *s, size_t len, const char *word)
{
	return strlen(word) == len && !strncmp(s, word, len);
}

/*
 * Append an argument of type @type (@type_len bytes) and name @name, which
 * ends at a comma or a zero, to @line; returns the new length.
 */
static int decode_arg(char *line, int len, const char *type, size_t type_len,
		      const char *name, unsigned long value)
{
	char text[STRING_SHOWN + 1];
	size_t room = (size_t)(LINE_SIZE - len);
	long n = -EFAULT;

	if (is_word(type, type_len, "int"))
		return len + scnprintf(line + len, room, "%d", (int)value);
	if (is_word(type, type_len, "const char __user *") &&
	    strncmp(name, "buf", 3))
		n = strncpy_from_user(text, (const char __user *)value,
				      STRING_SHOWN);
	if (n < 0)
		return len + scnprintf(line + len, room,
				       value < PAGE_SIZE ? "%lu" : "%#lx",
				       value);
	text[n] = '\0';
	return len + scnprintf(line + len, room, "\"%s\"%s", text,
			       n == STRING_SHOWN ? "..." : "");
}

/* The call and its arguments, before it is made: it may change them. */
static void decode_call(char *line, const struct pt_regs *regs,
			unsigned long nr)
{
	const unsigned long values[MAX_ARGS] = {regs->di,  regs->si, regs->dx,
						regs->r10, regs->r8, regs->r9};
	int len = (int)syscall_name(nr, line, LINE_SIZE);
	const char *type;
	const char *comma;
	const char *name;
	int i;

	if (!len) {
		scnprintf(line, LINE_SIZE, "syscall_%lu(%#lx, %#lx, %#lx", nr,
			  regs->di, regs->si, regs->dx);
		return;
	}
	type = call_texts[nr] + len + 1;
	len += scnprintf(line + len, (size_t)(LINE_SIZE - len), "(");
	for (i = 0; i < MAX_ARGS && *type; i++) {
		comma = strchr(type, ',');
		name = comma + 2;
		if (i)
			len += scnprintf(line + len, (size_t)(LINE_SIZE - len),
					 ", ");
		len = decode_arg(line, len, type, (size_t)(comma - type), name,
				 values[i]);
		comma = strchr(name, ',');
		type = comma ? comma + 2 : "";
	}
}

/* The line is on the stack: 512 bytes of 16 KiB, and only while decoding. */
long syscall_dispatch_decoded(struct pt_regs *regs, unsigned long nr)
{
	char line[LINE_SIZE];
	pid_t pid = current->pid;
	long ret;

	if (!current_is_decoded())
		return syscall_call(regs, nr);
	decode_call(line, regs, nr);
	/* A call that does not return is shown too. */
	if (nr == 60 || nr == 231)
		pr_info("strace: [%d] %s)\n", pid, line);
	ret = syscall_call(regs, nr);
	pr_info("strace: [%d] %s) = %ld\n", pid, line, ret);
	return ret;
}
