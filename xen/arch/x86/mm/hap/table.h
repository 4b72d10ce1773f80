/* SPDX-License-Identifier: GPL-2.0-only */
/* Pages of the paging pool, not cleared: table.c. */
#ifndef X86_MM_HAP_TABLE_H
#define X86_MM_HAP_TABLE_H

#include <xen/mm.h>

struct page_info *hap_alloc_table(struct domain *d);
unsigned int hap_alloc_tables(struct domain *d, struct page_list_head *list,
                              unsigned int nr);
bool hap_free_tables(struct domain *d, struct page_list_head *list,
                     unsigned int nr);

/* In place of pages of the heap. */
bool hap_lend_page(struct domain *d);
void hap_return_page(struct domain *d);

#endif /* X86_MM_HAP_TABLE_H */
