/* SPDX-License-Identifier: MIT */
#ifndef SLVA_VPP_H
#define SLVA_VPP_H

#include <va/va_backend.h>
#include <va/va_backend_vpp.h>

/* Answers to video processing queries: no context of this driver does any. */
void slva_vpp_hooks(struct VADriverVTableVPP *vtable);

#endif
