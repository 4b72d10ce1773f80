/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which of the bugs that tools/seeds has put into this hypervisor is there now: none
 * at first, then one after the other, by key.
 */

#include <xen/init.h>
#include <xen/keyhandler.h>
#include <xen/lib.h>

#include <asm/seeds.h>

unsigned int __read_mostly seed_sown;

static unsigned int last;

static void cf_check next_seed(unsigned char key)
{
    seed_sown = ++last;
    printk("seed: %u\n", seed_sown);
}

static void cf_check no_seed(unsigned char key)
{
    seed_sown = 0;
    printk("seed: none\n");
}

static int __init cf_check seeds_init(void)
{
    register_keyhandler('{', next_seed, "have the next bug", 0);
    register_keyhandler('}', no_seed, "have no bug", 0);

    return 0;
}
__initcall(seeds_init);
