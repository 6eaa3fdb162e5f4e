// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Files of the DRM minor's folder in debugfs. */
#include <linux/debugfs.h>
#include <linux/seq_file.h>
#include <linux/uaccess.h>

#include <drm/drm_file.h>
#include <drm/drm_print.h>

#include "abi/sl200_regs.h"
#include "driver/sl200_admin.h"
#include "driver/sl200_card.h"
#include "driver/sl200_dump.h"
#include "driver/sl200_reset.h"
#include "driver/sl200_sysfs.h"
#include "driver/sl200_vm.h"

static int log_show(struct seq_file *m, void *unused)
{
	struct sl200_device *sdev = m->private;
	struct drm_printer p = drm_seq_file_printer(m);
	int ret, idx;

	ret = sl200_card_enter(sdev, &idx);
	if (ret)
		return ret;
	sl200_dump_log(sdev, &p);
	sl200_card_exit(sdev, idx);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(log);

static int registers_show(struct seq_file *m, void *unused)
{
	struct sl200_device *sdev = m->private;
	struct drm_printer p = drm_seq_file_printer(m);
	int ret, idx;

	ret = sl200_card_enter(sdev, &idx);
	if (ret)
		return ret;
	sl200_dump_versions(sdev, &p);
	sl200_dump_registers(sdev, &p);
	sl200_card_exit(sdev, idx);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(registers);

static int queues_show(struct seq_file *m, void *unused)
{
	struct sl200_device *sdev = m->private;
	struct drm_printer p = drm_seq_file_printer(m);
	int ret, idx;

	ret = sl200_card_enter(sdev, &idx);
	if (ret)
		return ret;
	sl200_dump_queues(sdev, &p, true);
	sl200_card_exit(sdev, idx);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(queues);

static int vms_show(struct seq_file *m, void *unused)
{
	struct sl200_device *sdev = m->private;
	struct sl200_vm *vm;

	/* Without the address spaces' own locks, which are taken outside of this one. */
	mutex_lock(&sdev->vms_lock);
	list_for_each_entry(vm, &sdev->vms, link)
		seq_printf(m, "asid %u generation %u bos %u host_bytes %llu card_bytes %llu\n",
			   vm->asid, READ_ONCE(vm->generation), READ_ONCE(vm->bos),
			   READ_ONCE(vm->host_bytes), READ_ONCE(vm->card_bytes));
	mutex_unlock(&sdev->vms_lock);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(vms);

static int dram_show(struct seq_file *m, void *unused)
{
	struct sl200_device *sdev = m->private;
	struct drm_printer p = drm_seq_file_printer(m);

	mutex_lock(&sdev->dram.lock);
	seq_printf(m, "total %llu used %llu\n", sdev->dram.total, sdev->dram.used);
	drm_mm_print(&sdev->dram.mm, &p);
	mutex_unlock(&sdev->dram.lock);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(dram);

/* A short line of text from user space. */
static int read_line(const char __user *ubuf, size_t count, char *line, size_t size)
{
	if (count >= size)
		return -EINVAL;
	if (copy_from_user(line, ubuf, count))
		return -EFAULT;
	line[count] = '\0';
	return 0;
}

/* "offset value", both hexadecimal: writes a register of the fault injection block. */
static ssize_t inject_write(struct file *file, const char __user *ubuf, size_t count, loff_t *pos)
{
	struct sl200_device *sdev = file->private_data;
	u32 offset, value;
	int ret, idx;
	char line[32];

	ret = read_line(ubuf, count, line, sizeof(line));
	if (ret)
		return ret;
	if (sscanf(line, "%x %x", &offset, &value) != 2)
		return -EINVAL;
	offset &= offset < SL200_INJECT_BASE ? ~0u : ~SL200_INJECT_BASE;
	if (offset % 4 || offset > SL200_INJECT_ECC - SL200_INJECT_BASE)
		return -EINVAL;
	ret = sl200_card_enter(sdev, &idx);
	if (ret)
		return ret;
	if (core_read32(&sdev->port, SL200_INJECT_CTRL) & SL200_INJECT_CTRL_PRESENT)
		core_write32(&sdev->port, SL200_INJECT_BASE + offset, value);
	else
		ret = -EOPNOTSUPP;
	sl200_card_exit(sdev, idx);
	return ret ? ret : count;
}

static const struct file_operations inject_fops = {
	.owner = THIS_MODULE,
	.open = simple_open,
	.write = inject_write,
};

/* "mcu", "chip" or "flr": the rung of the ladder to start from. */
static ssize_t reset_write(struct file *file, const char __user *ubuf, size_t count, loff_t *pos)
{
	static const char *const rungs[] = {
		[SL200_RESET_MCU] = "mcu",
		[SL200_RESET_CHIP] = "chip",
		[SL200_RESET_FUNCTION] = "flr",
	};
	char line[8];
	int ret, rung;

	ret = read_line(ubuf, count, line, sizeof(line));
	if (ret)
		return ret;
	rung = sysfs_match_string(rungs, line);
	if (rung < 0)
		return rung;
	ret = sl200_reset_manual(file->private_data, rung);
	return ret ? ret : count;
}

static const struct file_operations reset_fops = {
	.owner = THIS_MODULE,
	.open = simple_open,
	.write = reset_write,
};

void sl200_debugfs_init(struct drm_minor *minor)
{
	struct sl200_device *sdev = to_sl200(minor->dev);
	struct dentry *root = minor->debugfs_root;

	debugfs_create_file("log", 0400, root, sdev, &log_fops);
	debugfs_create_file("registers", 0400, root, sdev, &registers_fops);
	debugfs_create_file("queues", 0400, root, sdev, &queues_fops);
	debugfs_create_file("vms", 0400, root, sdev, &vms_fops);
	debugfs_create_file("dram", 0400, root, sdev, &dram_fops);
	debugfs_create_file("inject", 0200, root, sdev, &inject_fops);
	debugfs_create_file("reset", 0200, root, sdev, &reset_fops);
}
