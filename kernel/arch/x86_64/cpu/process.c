/*
 * Tasks: making one's registers, switching to it, starting a program in it.
 *
 * Entry points: __switch_to, copy_thread, start_thread, flush_thread,
 * exit_thread, do_arch_prctl_64, syscall_init_cpu.
 */
#include <kernel/arch/context.h>

#include <abi/errno.h>
#include <abi/prctl.h>
#include <abi/sched.h>
#include <kernel/arch/cpu_features.h>
#include <kernel/arch/fpu.h>
#include <kernel/arch/io.h>
#include <kernel/arch/irqflags.h>
#include <kernel/arch/uaccess.h>
#include <kernel/arch/x86_64/cpu/cpu.h>
#include <kernel/lib/macros.h>
#include <kernel/lib/string.h>
#include <kernel/types/task.h>

/* What __switch_to_asm pops, from the stack pointer up. */
struct fork_frame {
	unsigned long r15;
	unsigned long r14;
	unsigned long r13;
	unsigned long r12;
	unsigned long bx;
	unsigned long bp;
	unsigned long return_address;
	struct pt_regs regs;
};

static_assert(offsetof(struct pt_regs, ax) == 0x50, "entry/asm.h");
static_assert(offsetof(struct pt_regs, orig_ax) == 0x78, "entry/asm.h");
static_assert(offsetof(struct pt_regs, ip) == 0x80, "entry/asm.h");
static_assert(offsetof(struct pt_regs, cs) == 0x88, "entry/asm.h");
static_assert(offsetof(struct pt_regs, sp) == 0x98, "entry/asm.h");
static_assert(sizeof(struct pt_regs) == 0xa8, "entry/asm.h");

DEFINE_PER_CPU(unsigned long, syscall_user_sp);

/* Gives switch.S the place of a member as an absolute symbol. */
__used static void asm_offsets(void)
{
	__asm__(".globl TASK_THREAD_SP\n"
		".set TASK_THREAD_SP, %c0" ::"i"(
			offsetof(struct task_struct, thread.sp)));
}

static unsigned long read_fs_base(void)
{
	unsigned long base;

	if (!cpu_has(X86_FEATURE_FSGSBASE))
		return rdmsr(MSR_FS_BASE);
	__asm__ volatile("rdfsbase %0" : "=r"(base));
	return base;
}

static void write_fs_base(unsigned long base)
{
	if (cpu_has(X86_FEATURE_FSGSBASE))
		__asm__ volatile("wrfsbase %0" ::"r"(base));
	else
		wrmsr(MSR_FS_BASE, base);
}

/* Loads the program's gs selector; ours stays.  Interrupts off. */
static void load_gs_index(u16 selector)
{
	__asm__ volatile("swapgs\n"
			 "movl %0, %%gs\n"
			 "swapgs\n" ::"r"((u32)selector)
			 : "memory");
}

static void save_segments(struct thread_struct *prev)
{
	__asm__ volatile("movw %%fs, %0" : "=m"(prev->fsindex));
	__asm__ volatile("movw %%gs, %0" : "=m"(prev->gsindex));
	__asm__ volatile("movw %%ds, %0" : "=m"(prev->ds));
	__asm__ volatile("movw %%es, %0" : "=m"(prev->es));
	/*
	 * Without FSGSBASE a base changes only by arch_prctl, which keeps
	 * thread's copy, or by loading a selector, whose base is 0.
	 */
	if (cpu_has(X86_FEATURE_FSGSBASE)) {
		prev->fsbase = read_fs_base();
		prev->gsbase = rdmsr(MSR_KERNEL_GS_BASE);
	} else {
		if (prev->fsindex)
			prev->fsbase = 0;
		if (prev->gsindex)
			prev->gsbase = 0;
	}
}

static void load_segments(const struct thread_struct *prev,
			  const struct thread_struct *next)
{
	if (unlikely(prev->ds | next->ds))
		__asm__ volatile("movw %0, %%ds" ::"m"(next->ds));
	if (unlikely(prev->es | next->es))
		__asm__ volatile("movw %0, %%es" ::"m"(next->es));
	if (unlikely(prev->fsindex | next->fsindex))
		__asm__ volatile("movw %0, %%fs" ::"m"(next->fsindex));
	if (unlikely(prev->gsindex | next->gsindex))
		load_gs_index(next->gsindex);
	write_fs_base(next->fsbase);
	if (prev->gsbase != next->gsbase || (prev->gsindex | next->gsindex))
		wrmsr(MSR_KERNEL_GS_BASE, next->gsbase);
}

/*
 * __switch_to - the part of a switch that C can do, on @next's stack.  Returns
 * @prev, which __switch_to_asm hands to whoever goes on.  Interrupts off.
 */
__landmark struct task_struct *__switch_to(struct task_struct *prev,
					   struct task_struct *next)
{
	unsigned long top = task_top_of_stack(next);

	fpu_switch(prev, next);
	save_segments(&prev->thread);
	load_segments(&prev->thread, &next->thread);
	this_cpu_write(current_task, next);
	this_cpu_write(cpu_current_top_of_stack, top);
	tss_set_sp0(top);
	if (unlikely(prev->thread.no_tsc != next->thread.no_tsc))
		write_cr4(read_cr4() ^ CR4_TSD);
	return prev;
}

/* The part of a child of fork or clone. */
static int copy_user_thread(struct task_struct *child, struct fork_frame *frame,
			    const struct pt_regs *regs, unsigned long sp,
			    unsigned long tls, unsigned long clone_flags)
{
	unsigned long flags;

	if ((clone_flags & CLONE_SETTLS) && tls >= TASK_SIZE_MAX)
		return -EPERM;
	frame->regs = *regs;
	frame->regs.ax = 0;
	if (sp)
		frame->regs.sp = sp;
	local_irq_save(flags);
	save_segments(&current->thread);
	local_irq_restore(flags);
	child->thread.fsbase = current->thread.fsbase;
	child->thread.gsbase = current->thread.gsbase;
	child->thread.fsindex = current->thread.fsindex;
	child->thread.gsindex = current->thread.gsindex;
	child->thread.ds = current->thread.ds;
	child->thread.es = current->thread.es;
	child->thread.no_tsc = current->thread.no_tsc;
	if (clone_flags & CLONE_SETTLS) {
		child->thread.fsindex = 0;
		child->thread.fsbase = tls;
	}
	child->thread.fpu = fpu_clone_current();
	return child->thread.fpu ? 0 : -ENOMEM;
}

__landmark int copy_thread(struct task_struct *child,
			   const struct pt_regs *regs, unsigned long sp,
			   unsigned long tls, unsigned long clone_flags,
			   int (*fn)(void *), void *arg)
{
	struct fork_frame *frame =
		(struct fork_frame *)task_top_of_stack(child) - 1;

	memset(frame, 0, sizeof(*frame));
	memset(&child->thread, 0, sizeof(child->thread));
	frame->return_address = (unsigned long)ret_from_fork;
	child->thread.sp = (unsigned long)frame;
	if (!fn)
		return copy_user_thread(child, frame, regs, sp, tls,
					clone_flags);
	/* Registers of a program that kernel_execve may start here. */
	frame->regs.cs = __USER_CS;
	frame->regs.ss = __USER_DS;
	frame->regs.flags = X86_EFLAGS_IF | X86_EFLAGS_FIXED;
	frame->regs.orig_ax = -1UL;
	frame->bx = (unsigned long)fn;
	frame->r12 = (unsigned long)arg;
	return 0;
}

void exit_thread(struct task_struct *task)
{
	fpu_free(task->thread.fpu);
	task->thread.fpu = NULL;
}

int flush_thread(void)
{
	struct thread_struct *thread = &current->thread;
	unsigned long flags;
	struct fpu *fpu;

	if (!thread->fpu) {
		fpu = fpu_alloc();
		if (!fpu)
			return -ENOMEM;
		thread->fpu = fpu;
	}
	fpu_reset_current();

	local_irq_save(flags);
	__asm__ volatile("movl %0, %%ds\n"
			 "movl %0, %%es\n"
			 "movl %0, %%fs\n" ::"r"(0));
	load_gs_index(0);
	write_fs_base(0);
	wrmsr(MSR_KERNEL_GS_BASE, 0);
	thread->fsbase = 0;
	thread->gsbase = 0;
	thread->trap_nr = 0;
	thread->error_code = 0;
	thread->cr2 = 0;
	local_irq_restore(flags);
	return 0;
}

void start_thread(struct pt_regs *regs, unsigned long ip, unsigned long sp)
{
	memset(regs, 0, sizeof(*regs));
	regs->ip = ip;
	regs->sp = sp;
	regs->cs = __USER_CS;
	regs->ss = __USER_DS;
	regs->flags = X86_EFLAGS_IF | X86_EFLAGS_FIXED;
	regs->orig_ax = -1UL;
}

/* Sets a base of @task, in its thread and, if it is current, in the CPU. */
static long set_base(struct task_struct *task, int option, unsigned long base)
{
	unsigned long flags;

	if (base >= TASK_SIZE_MAX)
		return -EPERM;
	local_irq_save(flags);
	if (option == ARCH_SET_FS) {
		task->thread.fsindex = 0;
		task->thread.fsbase = base;
		if (task == current) {
			__asm__ volatile("movl %0, %%fs" ::"r"(0));
			write_fs_base(base);
		}
	} else {
		task->thread.gsindex = 0;
		task->thread.gsbase = base;
		if (task == current) {
			load_gs_index(0);
			wrmsr(MSR_KERNEL_GS_BASE, base);
		}
	}
	local_irq_restore(flags);
	return 0;
}

/* The last state that a program may have to ask for: AMX's tiles. */
#define XFEATURE_XTILE_DATA 18

long do_arch_prctl_64(struct task_struct *task, int option, unsigned long arg)
{
	unsigned long base;
	unsigned long flags;

	switch (option) {
	case ARCH_SET_FS:
	case ARCH_SET_GS:
		return set_base(task, option, arg);
	case ARCH_GET_FS:
	case ARCH_GET_GS:
		if (task == current) {
			local_irq_save(flags);
			save_segments(&task->thread);
			local_irq_restore(flags);
		}
		base = option == ARCH_GET_FS ? task->thread.fsbase
					     : task->thread.gsbase;
		return put_user(base, (unsigned long __user *)arg);
	/* No CPU here lets cpuid be taken away. */
	case ARCH_GET_CPUID:
		return 1;
	case ARCH_SET_CPUID:
		return -ENODEV;
	/* What is kept of the registers may be used without asking. */
	case ARCH_GET_XCOMP_SUPP:
	case ARCH_GET_XCOMP_PERM:
	case ARCH_GET_XCOMP_GUEST_PERM:
		return put_user(fpu_user_features(), (u64 __user *)arg);
	case ARCH_REQ_XCOMP_PERM:
	case ARCH_REQ_XCOMP_GUEST_PERM:
		return arg > XFEATURE_XTILE_DATA ? -EINVAL : -EOPNOTSUPP;
	default:
		return -EINVAL;
	}
}

void set_tsc_allowed(bool allowed)
{
	unsigned long flags;

	local_irq_save(flags);
	if (current->thread.no_tsc == allowed)
		write_cr4(read_cr4() ^ CR4_TSD);
	current->thread.no_tsc = !allowed;
	local_irq_restore(flags);
}

bool tsc_allowed(void)
{
	return !current->thread.no_tsc;
}

/* syscall_init_cpu - where `syscall` goes; on each CPU. */
void syscall_init_cpu(void)
{
	/* sysret: cs = this + 16, ss = this + 8, both with privilege 3. */
	wrmsr(MSR_STAR, (u64)__USER32_CS << 48 | (u64)__KERNEL_CS << 32);
	wrmsr(MSR_LSTAR, (u64)entry_SYSCALL_64);
	wrmsr(MSR_CSTAR, (u64)entry_SYSCALL_32);
	wrmsr(MSR_SYSCALL_MASK,
	      X86_EFLAGS_CF | X86_EFLAGS_PF | X86_EFLAGS_AF | X86_EFLAGS_ZF |
		      X86_EFLAGS_SF | X86_EFLAGS_TF | X86_EFLAGS_IF |
		      X86_EFLAGS_DF | X86_EFLAGS_OF | X86_EFLAGS_IOPL |
		      X86_EFLAGS_NT | X86_EFLAGS_RF | X86_EFLAGS_AC |
		      X86_EFLAGS_ID);
}
