/*
 * Walking kernel stacks by frame pointers, and printing registers.
 *
 * Every function keeps its caller's frame at rbp: the saved rbp, then the
 * return address.  A walk stays in the stack it began on and goes strictly
 * upward, so a corrupt frame ends it but cannot make it loop or fault.
 *
 * Entry points: stack_trace_save*, show_regs, show_task_stack, task_wchan.
 */
#include <kernel/arch/stacktrace.h>

#include <kernel/arch/context.h>
#include <kernel/arch/setup.h>
#include <kernel/arch/x86_64/cpu/cpu.h>
#include <kernel/base/backtrace.h>
#include <kernel/base/kallsyms.h>
#include <kernel/base/printk.h>
#include <kernel/lib/string.h>
#include <kernel/types/task.h>

#define FRAMES_MAX 32

struct frame {
	unsigned long next;
	unsigned long return_address;
};

/* What __switch_to_asm pushed; the frame pointer is the last but one. */
#define SWITCH_FRAME_BP 5

static bool is_text(unsigned long addr)
{
	return (addr >= (unsigned long)__text_start &&
		addr < (unsigned long)__text_end) ||
	       (addr >= (unsigned long)__init_begin &&
		addr < (unsigned long)__init_end);
}

/* The end of the stack that @bp lies in, 0 if in none we know. */
static unsigned long stack_end(unsigned long bp, const struct task_struct *task)
{
	unsigned long stack = (unsigned long)task->stack;

	if (bp - (unsigned long)init_stack < THREAD_SIZE)
		return (unsigned long)init_stack + THREAD_SIZE;
	if (stack && bp - stack < THREAD_SIZE)
		return stack + THREAD_SIZE;
	return ist_stack_end(bp);
}

static unsigned int walk(unsigned long *addrs, unsigned int n, unsigned int max,
			 unsigned long bp, const struct task_struct *task)
{
	unsigned long end = stack_end(bp, task);
	const struct frame *frame;

	while (n < max && !(bp & 7) && end && bp + sizeof(*frame) <= end) {
		frame = (const struct frame *)bp;
		if (!is_text(frame->return_address))
			break;
		addrs[n++] = frame->return_address;
		if (frame->next <= bp)
			break;
		bp = frame->next;
	}
	return n;
}

unsigned int stack_trace_save(unsigned long *addrs, unsigned int max)
{
	return walk(addrs, 0, max, (unsigned long)__builtin_frame_address(0),
		    current);
}

unsigned int stack_trace_save_regs(unsigned long *addrs, unsigned int max,
				   const struct pt_regs *regs)
{
	if (user_mode(regs) || max == 0)
		return 0;
	addrs[0] = regs->ip;
	return walk(addrs, 1, max, regs->bp, current);
}

unsigned int stack_trace_save_tsk(unsigned long *addrs, unsigned int max,
				  struct task_struct *task)
{
	const unsigned long *sp;

	if (task == current)
		return stack_trace_save(addrs, max);
	sp = (const unsigned long *)READ_ONCE(task->thread.sp);
	if (!stack_end((unsigned long)sp, task))
		return 0;
	return walk(addrs, 0, max, sp[SWITCH_FRAME_BP], task);
}

void show_task_stack(struct task_struct *task)
{
	unsigned long addrs[FRAMES_MAX];
	unsigned int n = stack_trace_save_tsk(addrs, FRAMES_MAX, task);

	backtrace_print(addrs, n);
}

/* Is @addr in one of the scheduler's own functions? */
static bool is_scheduler(unsigned long addr)
{
	static const char *const names[] = {
		"schedule",
		"__schedule",
		"schedule_timeout_ns",
		"io_schedule",
		"schedule_timeout_interruptible_ns",
		"schedule_timeout_uninterruptible_ns",
	};
	char name[KSYM_NAME_LEN];
	unsigned int i;

	if (!kallsyms_lookup(addr, name, NULL, NULL))
		return false;
	for (i = 0; i < ARRAY_SIZE(names); i++) {
		if (strcmp(name, names[i]) == 0)
			return true;
	}
	return false;
}

unsigned long task_wchan(struct task_struct *task)
{
	unsigned long addrs[8];
	unsigned int n;
	unsigned int i;

	if (task == current || task->on_cpu || task->__state == TASK_RUNNING)
		return 0;
	n = stack_trace_save_tsk(addrs, ARRAY_SIZE(addrs), task);
	for (i = 0; i < n; i++) {
		if (!is_scheduler(addrs[i]))
			return addrs[i];
	}
	return 0;
}

void show_regs(const struct pt_regs *regs)
{
	unsigned long addrs[FRAMES_MAX];
	unsigned int n;

	pr_emerg("CPU: %u PID: %d Comm: %s\n", smp_processor_id(), current->pid,
		 current->comm);
	pr_emerg("RIP: %04lx:%pS RSP: %04lx:%016lx EFLAGS: %08lx\n",
		 regs->cs & 0xffff, (void *)regs->ip, regs->ss & 0xffff,
		 regs->sp, regs->flags);
	pr_emerg("RAX: %016lx RBX: %016lx RCX: %016lx\n", regs->ax, regs->bx,
		 regs->cx);
	pr_emerg("RDX: %016lx RSI: %016lx RDI: %016lx\n", regs->dx, regs->si,
		 regs->di);
	pr_emerg("RBP: %016lx R08: %016lx R09: %016lx\n", regs->bp, regs->r8,
		 regs->r9);
	pr_emerg("R10: %016lx R11: %016lx R12: %016lx\n", regs->r10, regs->r11,
		 regs->r12);
	pr_emerg("R13: %016lx R14: %016lx R15: %016lx\n", regs->r13, regs->r14,
		 regs->r15);
	pr_emerg("CR2: %016lx CR3: %016lx CR4: %08lx\n", read_cr2(), read_cr3(),
		 read_cr4());
	n = stack_trace_save_regs(addrs, FRAMES_MAX, regs);
	if (n)
		backtrace_print(addrs, n);
}
