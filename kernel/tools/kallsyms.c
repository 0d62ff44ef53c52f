/*
 * kallsyms: from `nm -n` output to the kernel's symbol table.  Host program.
 *
 * usage: nm -n build/tine.elf | kallsyms > build/kallsyms.S
 *
 * Keeps text symbols between __text_start and __text_end and writes the five
 * objects that kernel/base/kallsyms.h declares, as assembly.  They go to
 * .rodata, behind the text, so the text's addresses are the same in the
 * second pass.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAMES_PER_MARK 64
#define NAME_MAX_LEN   127

struct symbol {
	unsigned long addr;
	char *name;
};

static struct symbol *symbols;
static size_t nr_symbols, room;

static void add_symbol(unsigned long addr, const char *name)
{
	if (nr_symbols == room) {
		room = room ? 2 * room : 4096;
		symbols = realloc(symbols, room * sizeof(*symbols));
		if (!symbols) {
			perror("kallsyms");
			exit(1);
		}
	}
	symbols[nr_symbols].addr = addr;
	symbols[nr_symbols].name = strdup(name);
	nr_symbols++;
}

/* Is it a function's name that people may look for? */
static int is_wanted(char type, const char *name)
{
	type = (char)tolower((unsigned char)type);
	if (type != 't' && type != 'w')
		return 0;
	return name[0] != '.' && strlen(name) <= NAME_MAX_LEN;
}

static void read_symbols(void)
{
	unsigned long addr, start = 0, end = ~0UL;
	char line[1024], name[1000], type;
	size_t i, kept = 0;

	while (fgets(line, sizeof(line), stdin)) {
		if (sscanf(line, "%lx %c %999s", &addr, &type, name) != 3)
			continue;
		if (strcmp(name, "__text_start") == 0)
			start = addr;
		else if (strcmp(name, "__text_end") == 0)
			end = addr;
		else if (is_wanted(type, name))
			add_symbol(addr, name);
	}
	for (i = 0; i < nr_symbols; i++) {
		if (symbols[i].addr >= start && symbols[i].addr < end)
			symbols[kept++] = symbols[i];
	}
	nr_symbols = kept;
}

static void begin(const char *name, int align)
{
	printf("\n\t.balign %d\n\t.globl %s\n%s:\n", align, name, name);
}

static void write_table(void)
{
	unsigned long base = nr_symbols ? symbols[0].addr : 0;
	size_t i, at = 0;

	printf("\t.section .rodata, \"a\"\n");
	begin("kallsyms_base", 8);
	printf("\t.quad 0x%lx\n", base);
	begin("kallsyms_count", 4);
	printf("\t.long %zu\n", nr_symbols);
	begin("kallsyms_offsets", 4);
	for (i = 0; i < nr_symbols; i++)
		printf("\t.long 0x%lx\n", symbols[i].addr - base);
	begin("kallsyms_name_at", 4);
	for (i = 0; i < nr_symbols; i++) {
		if (i % NAMES_PER_MARK == 0)
			printf("\t.long %zu\n", at);
		at += 1 + strlen(symbols[i].name);
	}
	begin("kallsyms_names", 1);
	for (i = 0; i < nr_symbols; i++)
		printf("\t.byte %zu\n\t.ascii \"%s\"\n",
		       strlen(symbols[i].name), symbols[i].name);
	printf("\n\t.section .note.GNU-stack, \"\", @progbits\n");
}

int main(void)
{
	read_symbols();
	write_table();
	return 0;
}
