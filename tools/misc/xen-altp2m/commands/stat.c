/* SPDX-License-Identifier: GPL-2.0-only */
/* Counters, once or again and again. */
#include "command.h"
#include "common/domain.h"
#include "common/dump-json.h"
#include "common/message.h"
#include "common/sample.h"

#include <inttypes.h>
#include <stdio.h>

static const struct
{
    const char *key, *text;
    size_t offset;
} domain_counters[] = {
#define COUNTER(field, text) \
    { #field, text, offsetof(struct domain_counters, field) }
    COUNTER(views, "views"),
    COUNTER(vcpus, "vCPUs"),
    COUNTER(pool_total, "pages of the paging pool"),
    COUNTER(pool_free, "  of these free"),
    COUNTER(pool_views, "  of these for views"),
    COUNTER(tables, "private tables"),
    COUNTER(remaps, "remapped pages, and pages of views' own"),
    COUNTER(dormant, "  of these without a page to show"),
    COUNTER(lost, "such that lost their page, ever"),
    COUNTER(faults, "faults that made tables anew"),
#undef COUNTER
};

#define COUNTERS (sizeof(domain_counters) / sizeof(domain_counters[0]))

static uint64_t counter(const struct sample *s, unsigned int i)
{
    return *(const uint64_t *)((const char *)&s->counters +
                               domain_counters[i].offset);
}

static void print_views(const struct dump *dump)
{
    printf("VIEW NAME       RIGHTS#   #VE# REMAPS DORMANT TABLES  (MAX)     "
           "POOL FAULTS LOST\n");
    for ( unsigned int i = 0; i < dump->nr_views; i++ )
    {
        const struct counters *c = &dump->view[i].counters;
        char pool[SIZE_TEXT];

        printf("%4u %-10s %7" PRIu64 " %6" PRIu64 " %6" PRIu64 " %7" PRIu64
               " %6" PRIu64 " %6" PRIu64 " %8s %6" PRIu64 " %4" PRIu64 "\n",
               dump->view[i].index, dump->view[i].name ?: "-", c->access_gfns,
               c->sve_gfns, c->remaps, c->dormant, c->tables, c->tables_max,
               size_text((c->pool_bytes + 4095) / 4096, pool), c->faults,
               c->lost);
    }
}

static void print_sample(const struct sample *s, const struct sample *before)
{
    printf("domain %u%s%s\n", s->dump.domid, s->dump.name ? " " : "",
           s->dump.name ?: "");
    for ( unsigned int i = 0; i < COUNTERS; i++ )
    {
        printf("%10" PRIu64 "  %s", counter(s, i), domain_counters[i].text);
        if ( before && counter(s, i) != counter(before, i) )
            printf("  (%+" PRId64 ")",
                   (int64_t)(counter(s, i) - counter(before, i)));
        putchar('\n');
    }
    print_views(&s->dump);
}

static void json_sample(const struct sample *s, bool one_line)
{
    yajl_gen g = json_begin(!one_line);

    json_document(g, "stat");
    json_int(g, "domain", s->dump.domid);
    json_int(g, "time_ns", s->time_ns);
    for ( unsigned int i = 0; i < COUNTERS; i++ )
        json_int(g, domain_counters[i].key, counter(s, i));
    json_array_open(g, "per_view");
    for ( unsigned int i = 0; i < s->dump.nr_views; i++ )
    {
        json_map_open(g);
        json_view_head(g, &s->dump.view[i]);
        json_counters(g, &s->dump.view[i].counters);
        json_map_close(g);
    }
    json_array_close(g);
    json_map_close(g);
    json_end(g, stdout);
}

static int stat_loop(struct domain *d, const struct args *args,
                     const struct pace *pace)
{
    struct sample s[2] = { 0 };
    unsigned int i = 0;
    int code = EXIT_DONE;

    for ( uint64_t looks = 0; !pace->count || looks < pace->count; looks++ )
    {
        if ( looks )
        {
            wait_seconds(pace->seconds);
            if ( !args->given[OPT_JSON] )
                putchar('\n');
        }
        free_sample(&s[i]);
        code = take_sample(d, &s[i]);
        if ( code )
            break;
        if ( args->given[OPT_JSON] )
            json_sample(&s[i], pace->count != 1);
        else
            print_sample(&s[i], looks ? &s[i ^ 1] : NULL);
        if ( fflush(stdout) || ferror(stdout) )
            break;
        i ^= 1;
    }
    free_sample(&s[0]);
    free_sample(&s[1]);
    return code;
}

int run_stat(const struct args *args)
{
    struct domain d = { 0 };
    struct pace pace;
    int code = parse_pace(args, &pace);

    if ( !args->given[OPT_INTERVAL] && !args->given[OPT_COUNT] )
        pace.count = 1;
    code = code ?: open_domain(&d, args->operand[0]);
    code = code ?: stat_loop(&d, args, &pace);
    close_domain(&d);
    return code;
}
