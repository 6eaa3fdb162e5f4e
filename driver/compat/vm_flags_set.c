// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Flags of a mapping are changed by functions. */
#include <linux/mm.h>

#ifdef PROBE
void probe(struct vm_area_struct *vma)
{
	vm_flags_set(vma, VM_DONTCOPY);
	vm_flags_clear(vma, VM_MAYEXEC);
}
#else
void probe(struct vm_area_struct *vma)
{
	vma->vm_flags |= VM_DONTCOPY;
}
#endif
