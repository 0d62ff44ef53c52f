/*
 * profile - a QEMU plugin: how often each instruction runs while a program
 * measures.
 *
 * The program brackets what it measures with rdtsc (MEASURE of bench.h), so the
 * first rdtsc of a program's own code, which is linked below PROGRAM_END,
 * begins the count, the next one ends it, and so on; the vDSO's rdtsc lies
 * elsewhere. At the end of the run the counts are written to the file named by
 * the argument out=, as lines of "address count", in hexadecimal.
 *
 * One virtual CPU: nothing here is locked.
 */
#include "qemu_plugin.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PROGRAM_END UINT64_C(0x10000000)
#define NR_PLACES   (1U << 20)

struct place {
	uint64_t pc; /* 0: free */
	uint64_t count;
};

static struct place *places;
static bool counting;
static const char *out;

/* The entry of the instruction at @pc: places are never given back. */
static struct place *find_place(uint64_t pc)
{
	uint64_t i = pc * UINT64_C(0x9e3779b97f4a7c15) >> 40;
	uint64_t end = i + NR_PLACES;

	for (; i < end; i++) {
		struct place *place = &places[i % NR_PLACES];

		if (!place->pc)
			place->pc = pc;
		if (place->pc == pc)
			return place;
	}
	fputs("profile: too many instructions\n", stderr);
	exit(1);
}

static void executed(unsigned int cpu, void *data)
{
	struct place *place = data;

	(void)cpu;
	place->count += counting;
}

static void bracket(unsigned int cpu, void *data)
{
	(void)cpu;
	(void)data;
	counting = !counting;
}

static bool is_bracket(const struct qemu_plugin_insn *insn, uint64_t pc)
{
	return pc < PROGRAM_END && qemu_plugin_insn_size(insn) == 2 &&
	       memcmp(qemu_plugin_insn_data(insn), "\x0f\x31", 2) == 0;
}

static void translated(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
	size_t n = qemu_plugin_tb_n_insns(tb);
	size_t i;

	(void)id;
	for (i = 0; i < n; i++) {
		struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);
		uint64_t pc = qemu_plugin_insn_vaddr(insn);

		qemu_plugin_register_vcpu_insn_exec_cb(
			insn, is_bracket(insn, pc) ? bracket : executed,
			QEMU_PLUGIN_CB_NO_REGS, find_place(pc));
	}
}

static void ended(qemu_plugin_id_t id, void *data)
{
	FILE *file = fopen(out, "w");
	const struct place *place;

	(void)id;
	(void)data;
	if (!file) {
		perror(out);
		return;
	}
	for (place = places; place < places + NR_PLACES; place++) {
		if (place->count)
			fprintf(file, "%llx %llx\n",
				(unsigned long long)place->pc,
				(unsigned long long)place->count);
	}
	if (fclose(file))
		perror(out);
}

int qemu_plugin_install(qemu_plugin_id_t id, const void *info, int argc,
			char **argv)
{
	(void)info;
	out = plugin_out(argc, argv, "profile.out");
	places = calloc(NR_PLACES, sizeof(*places));
	if (!places) {
		fputs("profile: no memory for the table\n", stderr);
		return -1;
	}
	qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
	qemu_plugin_register_atexit_cb(id, ended, NULL);
	return 0;
}
