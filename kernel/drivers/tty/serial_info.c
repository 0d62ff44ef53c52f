/*
 * serial_info.c - /proc/tty/driver/serial: the ports, what went through them,
 * and the lines of their modems, proc(5).
 *
 * Entry points: serial_info_init.
 */
#include <kernel/drivers/tty/serial_info.h>

#include <fs/vfs/pseudo.h>
#include <fs/vfs/seq_file.h>
#include <kernel/lib/macros.h>
#include <kernel/sched/cred.h>

static void show_errors(struct seq_file *m,
			const struct serial_icounter_struct *count)
{
	if (count->frame)
		seq_printf(m, " fe:%d", count->frame);
	if (count->parity)
		seq_printf(m, " pe:%d", count->parity);
	if (count->brk)
		seq_printf(m, " brk:%d", count->brk);
	if (count->overrun)
		seq_printf(m, " oe:%d", count->overrun);
}

static void show_modem(struct seq_file *m, int bits)
{
	static const struct {
		int bit;
		const char *name;
	} lines[] = {{TIOCM_RTS, "RTS"}, {TIOCM_CTS, "CTS"}, {TIOCM_DTR, "DTR"},
		     {TIOCM_DSR, "DSR"}, {TIOCM_CAR, "CD"},  {TIOCM_RNG, "RI"}};
	char before = ' ';
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(lines); i++) {
		if (!(bits & lines[i].bit))
			continue;
		seq_printf(m, "%c%s", before, lines[i].name);
		before = '|';
	}
}

static int serial_show(struct seq_file *m, void *data)
{
	struct serial_info info;
	unsigned int i;

	seq_puts(m, "serinfo:1.0 driver revision:\n");
	for (i = 0; serial_port_info(i, &info); i++) {
		seq_printf(m, "%u: uart:%s port:%08X irq:%u", i,
			   info.present ? "16550A" : "unknown", info.base,
			   info.irq);
		if (info.present && capable(CAP_SYS_ADMIN)) {
			seq_printf(m, " tx:%d rx:%d", info.count.tx,
				   info.count.rx);
			show_errors(m, &info.count);
			show_modem(m, info.modem);
		}
		seq_putc(m, '\n');
	}
	return 0;
}

/* serial_info_init - see serial_info.h. */
void __init serial_info_init(void)
{
	(void)pseudo_create(NULL, "tty/driver/serial", 0444, serial_show, NULL,
			    NULL);
}
