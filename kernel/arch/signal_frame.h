/*
 * A signal handler's frame on the user stack, laid out as Linux does.
 *
 * Entry points: setup_rt_frame, restore_rt_frame.
 */
#pragma once

#include <abi/types.h>

struct ksignal;
struct pt_regs;

/*
 * setup_rt_frame - make *@regs enter the handler of @ksig; the frame keeps
 * @set, the mask to go back to (a sigset_t).  Returns 0 or -EFAULT (no room on
 * the stack, no SA_RESTORER): the caller then forces SIGSEGV.
 */
int setup_rt_frame(struct ksignal *ksig, const void *set, struct pt_regs *regs);

/*
 * restore_rt_frame - rt_sigreturn(2): back to where the handler's signal came.
 * Returns the value of rax to be; a broken frame forces SIGSEGV.
 */
long restore_rt_frame(struct pt_regs *regs);
