// SPDX-License-Identifier: MIT
#include "abi/sl200_queue.h"
#include "driver/core/pagetable.h"

#define PT_FLAGS (SL200_PTE_READ | SL200_PTE_WRITE | SL200_PTE_DRAM)
#define PT_LIMIT (1ull << SL200_IOVA_BITS)

/*
 * One table. The card sees only its page of entries; what the CPU has to know besides is kept
 * apart, so that nothing the card could write steers the CPU.
 */
struct core_pt_node {
	struct core_dma table;
	struct core_pt_node *next_retired;
	unsigned int used;	      /* valid entries */
	struct core_pt_node *child[]; /* SL200_PT_ENTRIES of them, none at level 0 */
};

static uint64_t *pt_entry(struct core_pt_node *node, unsigned int index)
{
	return (uint64_t *)node->table.cpu + index;
}

static struct core_pt_node *pt_node_create(struct core_port *port, int level)
{
	size_t children = level ? SL200_PT_ENTRIES : 0;
	struct core_pt_node *node;

	node = port->ops->mem_alloc(port, sizeof(*node) + children * sizeof(node->child[0]));
	if (!node)
		return NULL;
	if (port->ops->dma_alloc(port, SL200_PAGE_SIZE, &node->table)) {
		port->ops->mem_free(port, node);
		return NULL;
	}
	return node;
}

static void pt_node_destroy(struct core_port *port, struct core_pt_node *node)
{
	port->ops->dma_free(port, &node->table);
	port->ops->mem_free(port, node);
}

int core_pt_init(struct core_pagetable *pt, struct core_port *port)
{
	pt->port = port;
	pt->retired = NULL;
	pt->root = pt_node_create(port, SL200_PT_LEVELS - 1);
	return pt->root ? 0 : -ENOMEM;
}

static void pt_free_tree(struct core_port *port, struct core_pt_node *node, int level)
{
	unsigned int i;

	for (i = 0; level > 0 && i < SL200_PT_ENTRIES; i++) {
		if (node->child[i])
			pt_free_tree(port, node->child[i], level - 1);
	}
	pt_node_destroy(port, node);
}

void core_pt_fini(struct core_pagetable *pt)
{
	core_pt_reap(pt);
	pt_free_tree(pt->port, pt->root, SL200_PT_LEVELS - 1);
	pt->root = NULL;
}

uint64_t core_pt_root(const struct core_pagetable *pt)
{
	return pt->root->table.bus;
}

void core_pt_reap(struct core_pagetable *pt)
{
	while (pt->retired) {
		struct core_pt_node *node = pt->retired;

		pt->retired = node->next_retired;
		pt_node_destroy(pt->port, node);
	}
}

/* Fill path[level] for every table on the way to iova that exists; the rest is NULL. */
static void pt_path(struct core_pagetable *pt, uint64_t iova, struct core_pt_node **path)
{
	struct core_pt_node *node = pt->root;
	int level;

	for (level = SL200_PT_LEVELS - 1; level >= 0; level--) {
		path[level] = node;
		node = node && level ? node->child[SL200_PT_INDEX(iova, level)] : NULL;
	}
}

/* Unlink tables on the way to iova that are empty. */
static void pt_prune(struct core_pagetable *pt, uint64_t iova)
{
	struct core_pt_node *path[SL200_PT_LEVELS];
	int level;

	pt_path(pt, iova, path);
	for (level = 0; level < SL200_PT_LEVELS - 1; level++) {
		struct core_pt_node *node = path[level], *parent = path[level + 1];
		unsigned int index = SL200_PT_INDEX(iova, level + 1);

		if (!node)
			continue;
		if (node->used)
			return;
		core_store_release64(pt_entry(parent, index), 0);
		parent->child[index] = NULL;
		parent->used--;
		node->next_retired = pt->retired;
		pt->retired = node;
	}
}

/* Enter one leaf. */
static int pt_set(struct core_pagetable *pt, uint64_t iova, int leaf_level, uint64_t pte)
{
	struct core_pt_node *node = pt->root, *child;
	unsigned int index;
	int level;

	for (level = SL200_PT_LEVELS - 1; level > leaf_level; level--) {
		index = SL200_PT_INDEX(iova, level);
		child = node->child[index];
		if (!child) {
			if (*pt_entry(node, index) & SL200_PTE_VALID)
				return -EEXIST;
			child = pt_node_create(pt->port, level - 1);
			if (!child)
				return -ENOMEM;
			node->child[index] = child;
			node->used++;
			core_store_release64(pt_entry(node, index),
					     child->table.bus | SL200_PTE_VALID);
		}
		node = child;
	}
	index = SL200_PT_INDEX(iova, leaf_level);
	if (*pt_entry(node, index) & SL200_PTE_VALID)
		return -EEXIST;
	node->used++;
	core_store_release64(pt_entry(node, index), pte);
	return 0;
}

static bool pt_range_valid(uint64_t iova, uint64_t size)
{
	return size && !((iova | size) & (SL200_PAGE_SIZE - 1)) && iova < PT_LIMIT &&
	       size <= PT_LIMIT - iova;
}

static void pt_clear(struct core_pagetable *pt, uint64_t iova, uint64_t end);

int core_pt_map(struct core_pagetable *pt, uint64_t iova, uint64_t addr, uint64_t size,
		uint64_t flags)
{
	uint64_t done = 0, step;
	int ret;

	if (!pt_range_valid(iova, size) || (flags & ~PT_FLAGS) || (addr & ~SL200_PTE_ADDR) ||
	    addr + size - 1 > SL200_PTE_ADDR + SL200_PAGE_SIZE - 1)
		return -EINVAL;
	while (done < size) {
		bool huge = !(((iova + done) | (addr + done)) & (SL200_HUGE_SIZE - 1)) &&
			    size - done >= SL200_HUGE_SIZE;

		step = huge ? SL200_HUGE_SIZE : SL200_PAGE_SIZE;
		ret = pt_set(pt, iova + done, huge ? 1 : 0,
			     (addr + done) | flags | SL200_PTE_VALID | (huge ? SL200_PTE_HUGE : 0));
		if (ret) {
			pt_prune(pt, iova + done);
			pt_clear(pt, iova, iova + done);
			return ret;
		}
		done += step;
	}
	return 0;
}

/* Size of the leaf at iova, or of the hole that certainly is there; tells which in *leaf. */
static uint64_t pt_leaf(struct core_pagetable *pt, uint64_t iova, struct core_pt_node **node,
			unsigned int *index)
{
	struct core_pt_node *path[SL200_PT_LEVELS];
	int level;

	pt_path(pt, iova, path);
	*node = NULL;
	for (level = SL200_PT_LEVELS - 1; level >= 0; level--) {
		*index = SL200_PT_INDEX(iova, level);
		if (level && path[level]->child[*index])
			continue;
		if (*pt_entry(path[level], *index) & SL200_PTE_VALID)
			*node = path[level];
		break;
	}
	return 1ull << (SL200_PAGE_SHIFT + 9 * level);
}

static void pt_clear(struct core_pagetable *pt, uint64_t iova, uint64_t end)
{
	struct core_pt_node *node;
	unsigned int index;
	uint64_t size;

	for (; iova < end; iova = (iova & ~(size - 1)) + size) {
		size = pt_leaf(pt, iova, &node, &index);
		if (!node)
			continue;
		core_store_release64(pt_entry(node, index), 0);
		node->used--;
		pt_prune(pt, iova);
	}
}

int core_pt_unmap(struct core_pagetable *pt, uint64_t iova, uint64_t size)
{
	uint64_t end = iova + size, at, leaf;
	struct core_pt_node *node;
	unsigned int index;

	if (!pt_range_valid(iova, size))
		return -EINVAL;
	for (at = iova; at < end; at = (at & ~(leaf - 1)) + leaf) {
		leaf = pt_leaf(pt, at, &node, &index);
		if (node && ((at & (leaf - 1)) || end - at < leaf))
			return -EINVAL;
	}
	pt_clear(pt, iova, end);
	return 0;
}
