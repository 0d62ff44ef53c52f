/*
 * Page faults: the CPU's account of one, to handle_mm_fault or a signal.
 *
 * A fault in the kernel on a user address is only right in the copy functions
 * of uaccess.h, which the exception table lists; anything else is a bug and
 * panics before any lock is taken.
 *
 * Entry points: exc_page_fault.
 */
#include <kernel/arch/x86_64/entry/traps.h>

#include <abi/signal.h>
#include <kernel/alloc/kernel_stack.h>
#include <kernel/arch/context.h>
#include <kernel/arch/irqflags.h>
#include <kernel/arch/uaccess.h>
#include <kernel/arch/x86_64/cpu/cpu.h>
#include <kernel/base/panic.h>
#include <kernel/base/printk.h>
#include <kernel/irq/softirq.h>
#include <kernel/mm/fault.h>
#include <kernel/mm/oom.h>
#include <kernel/process/signal.h>
#include <kernel/sched/rwsem.h>
#include <kernel/types/mm.h>
#include <kernel/types/task.h>

static void log_segfault(const struct pt_regs *regs, unsigned long error_code,
			 unsigned long address, int sig)
{
	if (!show_unhandled_signals || !unhandled_signal(current, sig) ||
	    !printk_ratelimit())
		return;
	printk("%s%s[%d]: segfault at %lx ip %016lx sp %016lx error %lx\n",
	       current->pid == 1 ? KERN_EMERG : KERN_INFO, current->comm,
	       current->pid, address, regs->ip, regs->sp, error_code);
}

/* The kernel itself touched what it may not, or nothing could be had. */
static void kernel_fault(struct pt_regs *regs, unsigned long error_code,
			 unsigned long address)
{
	if (fixup_exception(regs))
		return;
	local_irq_disable();
	if (is_kernel_stack_guard(address))
		panic_with_regs(regs, "kernel stack overflow at %016lx",
				address);
	panic_with_regs(regs, "kernel %s at %016lx, error %04lx",
			error_code & X86_PF_INSTR ? "jumped"
			: address < PAGE_SIZE	  ? "NULL pointer access"
						  : "page fault",
			address, error_code);
}

static void bad_area(struct pt_regs *regs, unsigned long error_code,
		     unsigned long address, int sig, int code)
{
	if (!user_mode(regs)) {
		kernel_fault(regs, error_code, address);
		return;
	}
	current->thread.cr2 = address;
	current->thread.error_code = error_code;
	current->thread.trap_nr = X86_TRAP_PF;
	if (sig == SIGSEGV)
		log_segfault(regs, error_code, address, sig);
	(void)force_sig_fault(sig, code, (void __user *)address);
}

/* Do the rights of @vma forbid it? */
static bool access_error(const struct vm_area_struct *vma,
			 unsigned long error_code)
{
	if (error_code & X86_PF_WRITE)
		return !(vma->vm_flags & VM_WRITE);
	if (error_code & X86_PF_INSTR)
		return !(vma->vm_flags & VM_EXEC);
	if (error_code & X86_PF_PROT)
		return true; /* there, readable, and yet forbidden */
	return !(vma->vm_flags & (VM_READ | VM_WRITE | VM_EXEC));
}

static unsigned int fault_flags(const struct pt_regs *regs,
				unsigned long error_code)
{
	unsigned int flags = 0;

	if (error_code & X86_PF_WRITE)
		flags |= FAULT_FLAG_WRITE;
	if (error_code & X86_PF_INSTR)
		flags |= FAULT_FLAG_INSTRUCTION;
	if (user_mode(regs))
		flags |= FAULT_FLAG_USER;
	return flags;
}

static void fault_error(struct pt_regs *regs, unsigned long error_code,
			unsigned long address, vm_fault_t fault)
{
	if (fault & VM_FAULT_OOM) {
		if (user_mode(regs))
			pagefault_out_of_memory();
		else
			kernel_fault(regs, error_code, address);
	} else if (fault & VM_FAULT_SIGBUS) {
		bad_area(regs, error_code, address, SIGBUS, BUS_ADRERR);
	} else {
		bad_area(regs, error_code, address, SIGSEGV, SEGV_MAPERR);
	}
}

static void do_user_addr_fault(struct pt_regs *regs, unsigned long error_code,
			       unsigned long address)
{
	struct mm_struct *mm = current->mm;
	struct vm_area_struct *vma;
	vm_fault_t fault;

	if (error_code & X86_PF_RSVD)
		panic_with_regs(regs, "corrupt page table at %lx", address);
	if (!mm || in_interrupt() || pagefault_disabled()) {
		bad_area(regs, error_code, address, SIGSEGV, SEGV_MAPERR);
		return;
	}
	vma = lock_mm_and_find_vma(mm, address);
	if (!vma) {
		bad_area(regs, error_code, address, SIGSEGV, SEGV_MAPERR);
		return;
	}
	if (access_error(vma, error_code)) {
		up_read(&mm->mmap_lock);
		bad_area(regs, error_code, address, SIGSEGV, SEGV_ACCERR);
		return;
	}
	fault = handle_mm_fault(vma, address, fault_flags(regs, error_code));
	up_read(&mm->mmap_lock);
	if (unlikely(fault & VM_FAULT_ERROR))
		fault_error(regs, error_code, address, fault);
}

/*
 * exc_page_fault - cr2 has the address, @error_code the X86_PF_* bits.
 * Interrupts are off, so cr2 is still ours.
 */
__landmark void exc_page_fault(struct pt_regs *regs, unsigned long error_code)
{
	unsigned long address = read_cr2();

	if (!user_mode(regs)) {
		if (address >= TASK_SIZE_MAX || !has_fixup(regs)) {
			kernel_fault(regs, error_code, address);
			return;
		}
		if (regs->flags & X86_EFLAGS_IF)
			local_irq_enable();
	} else {
		local_irq_enable();
		if (address >= TASK_SIZE_MAX) {
			/* A program must not learn what is mapped there. */
			bad_area(regs, error_code | X86_PF_PROT, address,
				 SIGSEGV, SEGV_MAPERR);
			return;
		}
	}
	do_user_addr_fault(regs, error_code, address);
	local_irq_disable();
}
