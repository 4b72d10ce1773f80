/* SPDX-License-Identifier: GPL-2.0-only */
/* Memory views: views and what vCPUs are given of them. */
#ifndef X86_MM_ALTP2M_LIFE_H
#define X86_MM_ALTP2M_LIFE_H

#include "change.h"
#include "lock.h"

/* Has the view tables that a CPU can walk?  View 0 can use the host's. */
static inline bool altp2m_view_ready(const struct altp2m_view *view)
{
    return !view->idx || node_has_table(&view->root);
}

static inline struct altp2m_vcpu *altp2m_vcpu_of(const struct vcpu *v)
{
    return &v->domain->arch.altp2m->vcpu[v->vcpu_id];
}

/* May the guest have @v enter the view? */
static inline bool altp2m_may_enter(const struct vcpu *v,
                                    const struct altp2m_view *view)
{
    return view->visible && !test_bit(view->idx, altp2m_vcpu_of(v)->hidden);
}

/* roots.c */
mfn_t altp2m_root_table(const struct domain *d, const struct altp2m_view *view,
                        enum altp2m_side side);
void altp2m_publish(struct domain *d, struct altp2m_view *view);
int altp2m_make_eptp_list(struct domain *d);
void altp2m_eptp_list_free(struct vcpu *v);
int altp2m_eptp_list_alloc(struct vcpu *v);

/* switch.c */
void altp2m_enter_side(struct vcpu *v, const struct altp2m_view *view,
                       enum altp2m_side side);
void altp2m_enter_view(struct vcpu *v, struct altp2m_view *view);
void altp2m_send(struct vcpu *v, struct altp2m_view *view);
enum altp2m_asker { ASKED_BY_TOOLS, ASKED_BY_REPLY, ASKED_BY_GUEST };
int altp2m_enter_named(struct vcpu *v, view_idx_t idx,
                       enum altp2m_asker asker);
int altp2m_switch_vcpu(struct vcpu *v, view_idx_t idx,
                       enum altp2m_asker asker);
void altp2m_vcpu_off(struct vcpu *v);

/* step.c */
bool altp2m_stepped_over(const struct vcpu *v);
void altp2m_step_once(struct vcpu *v, struct altp2m_view *view);
void altp2m_step_side(struct vcpu *v);
void altp2m_step_end(struct vcpu *v, unsigned int owners);
unsigned int altp2m_home(const struct vcpu *v);
void altp2m_go_home(struct vcpu *v, struct altp2m_view *home);

/* cr3.c */
void altp2m_cr3_replace(struct domain *d, const struct altp2m_cr3 *new);
void altp2m_cr3_off(struct domain *d);
bool altp2m_cr3_names(const struct domain *d, unsigned int idx);

/* rules.c */
void altp2m_free_rules(struct domain *d, const struct altp2m_view *view);
bool altp2m_named_by_rule(const struct altp2m_domain *a, unsigned int idx);

/* fork.c */
int altp2m_fork_page(struct domain *d, unsigned long gfn);
void altp2m_fork_remapped(struct domain *d, struct altp2m_at *at);

/* view.c */
int altp2m_new_view(struct domain *d, p2m_access_t access,
                    struct altp2m_view **new);
void altp2m_view_whole(struct domain *d, struct altp2m_view *view);
int altp2m_view_free(struct domain *d, struct altp2m_view *view);
int cf_check altp2m_own_host_view(struct domain *d, void *unused);

/* domain.c */
int altp2m_set_state(struct domain *d, bool on);
void altp2m_lost_off(struct domain *d);
void altp2m_log_off(struct domain *d);

#endif /* X86_MM_ALTP2M_LIFE_H */
