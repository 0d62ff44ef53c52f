/* The vDSO as the linker made it (Makefile): vdso_image to vdso_image_end. */
	.section .rodata, "a"
	.globl vdso_image
	.globl vdso_image_end
	.balign 16
vdso_image:
	.incbin VDSO_IMAGE
vdso_image_end:
