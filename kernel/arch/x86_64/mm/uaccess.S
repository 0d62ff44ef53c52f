/*
 * Copies to and from user memory.
 *
 * One routine serves both directions: whichever side faults, the exception
 * table resumes at the fixup, which finds out how much is left.  Short copies
 * go by words, long ones by rep movsq: an eighth of the iterations of movsb.
 * A fault in a word loop falls back to bytes, so the count is exact.
 *
 * Entry points: copy_user_generic, clear_user_generic, copy_user_string.
 */
#include <kernel/arch/x86_64/entry/asm.h>

	.text

/* copy_user_generic(dst rdi, src rsi, n rdx): bytes NOT copied. */
ENTRY copy_user_generic
	STAC
	movq %rdx, %rcx
	cmpq $64, %rdx
	jae .Lcopy_long
	shrq $3, %rcx
	jz .Lcopy_tail
.Lcopy_words:
1:	movq (%rsi), %rax
2:	movq %rax, (%rdi)
	addq $8, %rsi
	addq $8, %rdi
	decq %rcx
	jnz .Lcopy_words
.Lcopy_tail:
	movl %edx, %ecx
	andl $7, %ecx
3:	rep movsb
	movl %ecx, %eax
	CLAC
	ret

.Lcopy_long:
	shrq $3, %rcx
4:	rep movsq
	jmp .Lcopy_tail

	/* rcx words and n mod 8 bytes are left; go byte by byte. */
.Lcopy_fault:
	andl $7, %edx
	leaq (%rdx, %rcx, 8), %rcx
5:	rep movsb
.Lcopy_left:
	movq %rcx, %rax
	CLAC
	ret
	EXTABLE 1b, .Lcopy_fault
	EXTABLE 2b, .Lcopy_fault
	EXTABLE 3b, .Lcopy_left
	EXTABLE 4b, .Lcopy_fault
	EXTABLE 5b, .Lcopy_left
END copy_user_generic

/* clear_user_generic(dst rdi, n rsi): bytes NOT zeroed. */
ENTRY clear_user_generic
	STAC
	xorl %eax, %eax
	movq %rsi, %rcx
	shrq $3, %rcx
1:	rep stosq
	movl %esi, %ecx
	andl $7, %ecx
2:	rep stosb
.Lclear_left:
	movq %rcx, %rax
	CLAC
	ret
.Lclear_fault:
	andl $7, %esi
	leaq (%rsi, %rcx, 8), %rcx
3:	rep stosb
	jmp .Lclear_left
	EXTABLE 1b, .Lclear_fault
	EXTABLE 2b, .Lclear_left
	EXTABLE 3b, .Lclear_left
END clear_user_generic

/*
 * copy_user_string(dst rdi, src rsi, n rdx) - copy bytes up to and with a zero,
 * at most n.  rdi 0: only look.  Returns the bytes before the zero, n if there
 * is none, -14 (EFAULT) on a fault.
 *
 * Eight bytes at a time while so many are left; what follows the zero in the
 * last word is copied too.  A word that faults is tried byte by byte, because
 * the string may end before the page does.
 */
ENTRY copy_user_string
	STAC
	movabsq $0x0101010101010101, %r8
	movabsq $0x8080808080808080, %r9
	xorl %eax, %eax
.Lstring_word:
	leaq 8(%rax), %r10
	cmpq %rdx, %r10
	ja .Lstring_byte
1:	movq (%rsi, %rax), %rcx
	testq %rdi, %rdi
	jz 2f
	movq %rcx, (%rdi, %rax)
2:	movq %rcx, %r11		/* (v - 1s) & ~v & 80s: bytes that are zero */
	subq %r8, %r11
	notq %rcx
	andq %r9, %rcx
	andq %rcx, %r11
	jnz .Lstring_end
	movq %r10, %rax
	jmp .Lstring_word
.Lstring_end:
	bsfq %r11, %r11		/* the lowest is exact */
	shrl $3, %r11d
	addq %r11, %rax
	jmp .Lstring_done

.Lstring_byte:
	cmpq %rdx, %rax
	jae .Lstring_done
3:	movb (%rsi, %rax), %cl
	testq %rdi, %rdi
	jz 4f
	movb %cl, (%rdi, %rax)
4:	testb %cl, %cl
	jz .Lstring_done
	incq %rax
	jmp .Lstring_byte
.Lstring_done:
	CLAC
	ret
.Lstring_fault:
	movq $-14, %rax
	jmp .Lstring_done
	EXTABLE 1b, .Lstring_byte
	EXTABLE 3b, .Lstring_fault
END copy_user_string

/* user_cmpxchg(p rdi, old esi, new edx, found rcx): 0 or -14. */
ENTRY user_cmpxchg
	STAC
	movl %esi, %eax
1:	lock cmpxchgl %edx, (%rdi)
	CLAC
	movl %eax, (%rcx)
	xorl %eax, %eax
	ret
.Lcmpxchg_fault:
	CLAC
	movl $-14, %eax
	ret
	EXTABLE 1b, .Lcmpxchg_fault
END user_cmpxchg
