/*
 * sharing - a QEMU plugin: which lines of the cache go from CPU to CPU.
 *
 * For each line of kernel memory it keeps the set of CPUs that could have it in
 * their caches: a write leaves the writer alone, a read adds the reader.  An
 * access by a CPU outside the set, or a write while others are in it, is a
 * transfer; transfers are counted for each pair of line and instruction.  At
 * the end of the run they are written to the file named by the argument out=,
 * as lines of "line instruction transfers writes", in hexadecimal.
 *
 * Virtual CPUs are threads: entries of the tables are claimed by one
 * compare-and-swap and never given back; counts are relaxed, and a transfer
 * seen by two at once may be counted once.
 */
#include "qemu_plugin.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE_SHIFT 6
#define NR_LINES   (1U << 22)
#define NR_PLACES  (1U << 20)
#define PROBES	   64 /* entries tried before an access is given up */

struct line {
	uint64_t number; /* address >> LINE_SHIFT; 0: free */
	uint32_t cpus;	 /* who may have it in his cache */
};

/* An instruction that accesses a line. */
struct place {
	uint64_t key; /* of both, mixed; 0: free */
	uint64_t line, pc;
	uint64_t transfers, writes;
};

static struct line *lines;
static struct place *places;
static const char *out;

static uint64_t mix(uint64_t x)
{
	x *= 0x9e3779b97f4a7c15;
	return x ^ x >> 29;
}

/* Is the entry with this @key ours, now that nobody else can claim it? */
static bool claim(uint64_t *entry, uint64_t key)
{
	uint64_t found = 0;

	return __atomic_load_n(entry, __ATOMIC_ACQUIRE) == key ||
	       __atomic_compare_exchange_n(entry, &found, key, false,
					   __ATOMIC_ACQ_REL,
					   __ATOMIC_ACQUIRE) ||
	       found == key;
}

static struct line *find_line(uint64_t number)
{
	uint64_t i = mix(number) >> 20;
	unsigned int tries;

	for (tries = 0; tries < PROBES; tries++, i++) {
		if (claim(&lines[i % NR_LINES].number, number))
			return &lines[i % NR_LINES];
	}
	return NULL;
}

static void count_transfer(uint64_t line, uint64_t pc, bool store)
{
	uint64_t key = mix(line * 31 + pc) | 1;
	struct place *place;
	unsigned int tries;

	for (tries = 0; tries < PROBES; tries++) {
		place = &places[(key + tries) % NR_PLACES];
		if (!claim(&place->key, key))
			continue;
		place->line = line;
		place->pc = pc;
		__atomic_fetch_add(&place->transfers, 1, __ATOMIC_RELAXED);
		__atomic_fetch_add(&place->writes, store, __ATOMIC_RELAXED);
		return;
	}
}

static void accessed(unsigned int cpu, qemu_plugin_meminfo_t info,
		     uint64_t address, void *pc)
{
	uint32_t me = UINT32_C(1) << cpu % 32;
	bool store = qemu_plugin_mem_is_store(info);
	struct line *line;
	uint32_t had;

	if (!(address >> 63)) /* a program's */
		return;
	line = find_line(address >> LINE_SHIFT);
	if (!line)
		return;
	had = __atomic_load_n(&line->cpus, __ATOMIC_RELAXED);
	if (had == me || (!store && (had & me)))
		return;
	had = store ? __atomic_exchange_n(&line->cpus, me, __ATOMIC_RELAXED)
		    : __atomic_fetch_or(&line->cpus, me, __ATOMIC_RELAXED);
	if (had & ~me)
		count_transfer(line->number, (uintptr_t)pc, store);
}

static void translated(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
	size_t n = qemu_plugin_tb_n_insns(tb);
	struct qemu_plugin_insn *insn;
	uint64_t pc;
	size_t i;

	(void)id;
	for (i = 0; i < n; i++) {
		insn = qemu_plugin_tb_get_insn(tb, i);
		pc = qemu_plugin_insn_vaddr(insn);
		if (pc >> 63) /* the kernel's */
			qemu_plugin_register_vcpu_mem_cb(
				insn, accessed, QEMU_PLUGIN_CB_NO_REGS,
				QEMU_PLUGIN_MEM_RW, (void *)(uintptr_t)pc);
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
		if (place->transfers)
			fprintf(file, "%llx %llx %llx %llx\n",
				(unsigned long long)place->line << LINE_SHIFT,
				(unsigned long long)place->pc,
				(unsigned long long)place->transfers,
				(unsigned long long)place->writes);
	}
	if (fclose(file))
		perror(out);
}

int qemu_plugin_install(qemu_plugin_id_t id, const void *info, int argc,
			char **argv)
{
	(void)info;
	out = plugin_out(argc, argv, "sharing.out");
	lines = calloc(NR_LINES, sizeof(*lines));
	places = calloc(NR_PLACES, sizeof(*places));
	if (!lines || !places) {
		fputs("sharing: no memory for the tables\n", stderr);
		return -1;
	}
	qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
	qemu_plugin_register_atexit_cb(id, ended, NULL);
	return 0;
}
