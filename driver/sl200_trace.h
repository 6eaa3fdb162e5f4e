/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Tracepoints: /sys/kernel/tracing/events/sl200. Cards are told apart by their PCI address. */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM sl200

#if !defined(SL200_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define SL200_TRACE_H

#include <linux/pci.h>
#include <linux/tracepoint.h>

#include "driver/sl200_client.h"
#include "driver/sl200_device.h"
#include "driver/sl200_queue.h"

#ifndef SL200_TRACE_HELPERS
#define SL200_TRACE_HELPERS
/* A card's PCI address as one number: domain, bus, device and function. */
static inline u32 sl200_trace_pci(const struct sl200_device *sdev)
{
	return (u32)pci_domain_nr(sdev->pdev->bus) << 16 | pci_dev_id(sdev->pdev);
}
#endif

#define SL200_PCI_FORMAT "%04x:%02x:%02x.%x"
#define SL200_PCI_ARGS(pci) (pci) >> 16, (pci) >> 8 & 0xff, (pci) >> 3 & 0x1f, (pci) & 7

DECLARE_EVENT_CLASS(sl200_client,
	TP_PROTO(const struct sl200_client *client),
	TP_ARGS(client),
	TP_STRUCT__entry(
		__field(u32, pci)
		__field(u64, client)
	),
	TP_fast_assign(
		__entry->pci = sl200_trace_pci(client->sdev);
		__entry->client = client->id;
	),
	TP_printk(SL200_PCI_FORMAT " client=%llu", SL200_PCI_ARGS(__entry->pci), __entry->client)
);

DEFINE_EVENT(sl200_client, sl200_client_open,
	TP_PROTO(const struct sl200_client *client), TP_ARGS(client));

DEFINE_EVENT(sl200_client, sl200_client_close,
	TP_PROTO(const struct sl200_client *client), TP_ARGS(client));

DECLARE_EVENT_CLASS(sl200_queue,
	TP_PROTO(const struct sl200_queue *queue),
	TP_ARGS(queue),
	TP_STRUCT__entry(
		__field(u32, pci)
		__field(u64, client)
		__field(u32, qid)
		__field(u32, vector)
		__field(u32, depth)
		__field(u32, priority)
		__field(u32, weight)
	),
	TP_fast_assign(
		__entry->pci = sl200_trace_pci(queue->sdev);
		__entry->client = queue->client->id;
		__entry->qid = queue->qid;
		__entry->vector = queue->vector;
		__entry->depth = queue->depth;
		__entry->priority = queue->priority;
		__entry->weight = queue->weight;
	),
	TP_printk(SL200_PCI_FORMAT " client=%llu queue=%u vector=%u depth=%u priority=%u weight=%u",
		  SL200_PCI_ARGS(__entry->pci), __entry->client, __entry->qid, __entry->vector,
		  __entry->depth, __entry->priority, __entry->weight)
);

DEFINE_EVENT(sl200_queue, sl200_queue_create,
	TP_PROTO(const struct sl200_queue *queue), TP_ARGS(queue));

DEFINE_EVENT(sl200_queue, sl200_queue_destroy,
	TP_PROTO(const struct sl200_queue *queue), TP_ARGS(queue));

TRACE_EVENT(sl200_queue_fault,
	TP_PROTO(const struct sl200_queue *queue, const struct sl200_queue_info *info),
	TP_ARGS(queue, info),
	TP_STRUCT__entry(
		__field(u32, pci)
		__field(u64, client)
		__field(u64, iova)
		__field(u32, qid)
		__field(u32, status)
		__field(u32, engine)
		__field(u32, reason)
		__field(u32, write)
	),
	TP_fast_assign(
		__entry->pci = sl200_trace_pci(queue->sdev);
		__entry->client = queue->client->id;
		__entry->iova = info->fault_iova;
		__entry->qid = queue->qid;
		__entry->status = info->stop_status;
		__entry->engine = info->fault_engine;
		__entry->reason = info->fault_reason;
		__entry->write = info->fault_write;
	),
	TP_printk(SL200_PCI_FORMAT
		  " client=%llu queue=%u status=0x%x engine=%u iova=0x%llx %s reason=%u",
		  SL200_PCI_ARGS(__entry->pci), __entry->client, __entry->qid, __entry->status,
		  __entry->engine, __entry->iova, __entry->write ? "write" : "read",
		  __entry->reason)
);

TRACE_EVENT(sl200_queue_lost,
	TP_PROTO(const struct sl200_queue *queue, u32 cause),
	TP_ARGS(queue, cause),
	TP_STRUCT__entry(
		__field(u32, pci)
		__field(u64, client)
		__field(u32, qid)
		__field(u32, cause)
	),
	TP_fast_assign(
		__entry->pci = sl200_trace_pci(queue->sdev);
		__entry->client = queue->client->id;
		__entry->qid = queue->qid;
		__entry->cause = cause;
	),
	TP_printk(SL200_PCI_FORMAT " client=%llu queue=%u cause=%u", SL200_PCI_ARGS(__entry->pci),
		  __entry->client, __entry->qid, __entry->cause)
);

TRACE_EVENT(sl200_queue_wait,
	TP_PROTO(const struct sl200_queue *queue, u32 seen, u32 irqs, int result),
	TP_ARGS(queue, seen, irqs, result),
	TP_STRUCT__entry(
		__field(u32, pci)
		__field(u32, qid)
		__field(u32, seen)
		__field(u32, irqs)
		__field(int, result)
	),
	TP_fast_assign(
		__entry->pci = sl200_trace_pci(queue->sdev);
		__entry->qid = queue->qid;
		__entry->seen = seen;
		__entry->irqs = irqs;
		__entry->result = result;
	),
	TP_printk(SL200_PCI_FORMAT " queue=%u seen=%u irqs=%u result=%d",
		  SL200_PCI_ARGS(__entry->pci), __entry->qid, __entry->seen, __entry->irqs,
		  __entry->result)
);

TRACE_EVENT(sl200_irq,
	TP_PROTO(const struct sl200_device *sdev, unsigned int vector),
	TP_ARGS(sdev, vector),
	TP_STRUCT__entry(
		__field(u32, pci)
		__field(u32, vector)
	),
	TP_fast_assign(
		__entry->pci = sl200_trace_pci(sdev);
		__entry->vector = vector;
	),
	TP_printk(SL200_PCI_FORMAT " vector=%u", SL200_PCI_ARGS(__entry->pci), __entry->vector)
);

/* When a reset is over. rung: what worked, or a negative errno value. */
TRACE_EVENT(sl200_reset,
	TP_PROTO(const struct sl200_device *sdev, const char *reason, int rung, u64 ns),
	TP_ARGS(sdev, reason, rung, ns),
	TP_STRUCT__entry(
		__field(u32, pci)
		__field(int, rung)
		__field(u64, ns)
		__array(char, reason, 64)
	),
	TP_fast_assign(
		__entry->pci = sl200_trace_pci(sdev);
		__entry->rung = rung;
		__entry->ns = ns;
		strscpy(__entry->reason, reason, sizeof(__entry->reason));
	),
	TP_printk(SL200_PCI_FORMAT " rung=%d ns=%llu reason=\"%s\"",
		  SL200_PCI_ARGS(__entry->pci), __entry->rung, __entry->ns, __entry->reason)
);

DECLARE_EVENT_CLASS(sl200_mapping,
	TP_PROTO(const struct sl200_vm *vm, u64 iova, u64 size),
	TP_ARGS(vm, iova, size),
	TP_STRUCT__entry(
		__field(u32, pci)
		__field(u32, asid)
		__field(u64, iova)
		__field(u64, size)
	),
	TP_fast_assign(
		__entry->pci = sl200_trace_pci(vm->sdev);
		__entry->asid = vm->asid;
		__entry->iova = iova;
		__entry->size = size;
	),
	TP_printk(SL200_PCI_FORMAT " asid=%u iova=0x%llx size=0x%llx",
		  SL200_PCI_ARGS(__entry->pci), __entry->asid, __entry->iova, __entry->size)
);

DEFINE_EVENT(sl200_mapping, sl200_map,
	TP_PROTO(const struct sl200_vm *vm, u64 iova, u64 size), TP_ARGS(vm, iova, size));

DEFINE_EVENT(sl200_mapping, sl200_unmap,
	TP_PROTO(const struct sl200_vm *vm, u64 iova, u64 size), TP_ARGS(vm, iova, size));

#endif

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH driver
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE sl200_trace
#include <trace/define_trace.h>
