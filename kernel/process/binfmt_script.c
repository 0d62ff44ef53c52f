/*
 * binfmt_script.c - files that begin with "#!": run the interpreter they name.
 *
 * "#!interpreter [one argument]" becomes
 * "interpreter [one argument] script arguments...", execve(2).  The line must
 * lie in the first 255 bytes.
 *
 * Entry points: init_script_binfmt.
 */
#include <kernel/process/binfmts.h>

#include <abi/errno.h>
#include <fs/vfs/exec_file.h>
#include <kernel/base/errptr.h>
#include <kernel/lib/string.h>

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/*
 * script_parse - cut bprm->buf into the interpreter's name and its argument
 * (NULL: none), both terminated.  Returns the name, which a file that ends here
 * may leave empty, or NULL: not a script.
 */
static char *script_parse(char *buf, size_t size, char **arg)
{
	char *end = memchr(buf, '\n', size);
	char *name = buf + 2;
	bool cut = !end;
	char *p;

	if (!end) {
		/* A cut line will do if the name is whole. */
		end = buf + size - 1;
		for (p = name; is_blank(*p); p++)
			;
		while (p < end && *p && !is_blank(*p))
			p++;
		if (p == end)
			return NULL;
	}
	while (end > name && is_blank(end[-1]))
		end--;
	*end = '\0';
	while (is_blank(*name))
		name++;
	*arg = NULL;
	if (!*name)
		return cut ? name : NULL;
	for (p = name; *p && !is_blank(*p); p++)
		;
	if (*p) {
		*p++ = '\0';
		while (is_blank(*p))
			p++;
		if (*p)
			*arg = p;
	}
	return name;
}

/* Replace argv[0] by: interpreter, argument, script's name. */
static int script_push_args(struct linux_binprm *bprm, const char *name,
			    const char *arg)
{
	int err = remove_arg_zero(bprm);

	if (err)
		return err;
	err = copy_string_kernel(bprm->interp, bprm);
	if (err)
		return err;
	bprm->argc++;
	if (arg) {
		err = copy_string_kernel(arg, bprm);
		if (err)
			return err;
		bprm->argc++;
	}
	err = copy_string_kernel(name, bprm);
	if (err)
		return err;
	bprm->argc++;
	return bprm_change_interp(name, bprm);
}

static int load_script(struct linux_binprm *bprm)
{
	struct file *file;
	char *name;
	char *arg;
	int err;

	if (bprm->buf[0] != '#' || bprm->buf[1] != '!')
		return -ENOEXEC;
	name = script_parse(bprm->buf, sizeof(bprm->buf), &arg);
	if (!name)
		return -ENOEXEC;
	/* The interpreter could not open the script. */
	if (bprm->interp_flags & BINPRM_FLAGS_PATH_INACCESSIBLE)
		return -ENOENT;
	if (!*name) /* the working directory, on Linux */
		return -EACCES;
	err = script_push_args(bprm, name, arg);
	if (err)
		return err;
	file = open_exec(bprm->interp);
	if (IS_ERR(file))
		return (int)PTR_ERR(file);
	bprm->interpreter = file;
	return 0;
}

static struct linux_binfmt script_format = {
	.name = "script",
	.load_binary = load_script,
};

/* init_script_binfmt - see binfmts.h. */
void __init init_script_binfmt(void)
{
	register_binfmt(&script_format);
}
