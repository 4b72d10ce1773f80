/* SPDX-License-Identifier: GPL-2.0-only */
/* The subcommand map: from a domain or a dump, in one of four forms. */
#include "map/map.h"
#include "command.h"
#include "common/domain.h"
#include "common/dump-json.h"
#include "common/file.h"
#include "common/message.h"
#include "common/translate.h"

#include <inttypes.h>
#include <langinfo.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

struct drawing
{
    const struct args *args;
    struct dump dump;
    struct range range;
    struct text_style style;
};

static bool draw(const void *arg, FILE *out)
{
    const struct drawing *p = arg;

    if ( p->args->given[OPT_JSON] )
        return write_dump(&p->dump, out);
    if ( p->args->given[OPT_HTML] )
        map_html(&p->dump, out);
    else if ( p->args->given[OPT_SVG] )
        map_svg(&p->dump, &p->range, out);
    else
        map_text(&p->dump, &p->range, &p->style, out);
    return !fflush(out) && !ferror(out);
}

static unsigned int terminal_width(void)
{
    struct winsize size;

    return !ioctl(1, TIOCGWINSZ, &size) && size.ws_col ? size.ws_col : 80;
}

static int choose_style(const struct args *args, struct text_style *style)
{
    uint64_t width = terminal_width();

    if ( args->given[OPT_WIDTH] &&
         (!parse_number(args->value[OPT_WIDTH], 1000, &width) || width < 40) )
        return complain(EXIT_USAGE, "'%s' is not a width (use 40 to 1000 columns)",
                        args->value[OPT_WIDTH]);
    style->width = width;
    style->ascii = args->given[OPT_ASCII] ||
                   strcmp(nl_langinfo(CODESET), "UTF-8");
    return want_colour(args, &style->colour);
}

/* The range, which stands where a dump is given in place of the domain. */
static const char *range_operand(const struct args *args)
{
    return args->operand[!args->given[OPT_FROM]];
}

/* What is drawn, and of it the range. */
static int get_dump(const struct args *args, struct drawing *p)
{
    const char *range = range_operand(args);
    struct domain d;
    int code;

    p->range = (struct range){ 0, GFN_MAX + 1 };
    if ( range && !args->given[OPT_VA] )
        range_fault(range, &p->range);
    if ( args->given[OPT_FROM] )
        return read_dump(args->value[OPT_FROM], &p->dump);
    code = open_domain(&d, args->operand[0]);
    if ( !code && args->given[OPT_VA] )
        code = resolve_range(&d, args, 1, &p->range);
    code = code ?: fetch(&d, FETCH_RUNS | FETCH_TABLES | FETCH_HOST, &p->dump);
    close_domain(&d);
    return code;
}

int check_map(struct args *args)
{
    const char *text = range_operand(args);
    struct range range;
    struct text_style style;

    if ( args->given[OPT_JSON] + args->given[OPT_SVG] +
         args->given[OPT_HTML] > 1 )
        return complain(EXIT_USAGE, "give one of --json, --svg and --html");
    if ( !args->given[OPT_FROM] && !args->operand[0] )
        return complain(EXIT_USAGE, "give a domain, or --from with a file");
    if ( args->given[OPT_FROM] && args->nr_operands > 1 )
        return complain(EXIT_USAGE, "with --from there is no domain");
    return (text && !args->given[OPT_VA] ? take_range(text, &range)
                                         : EXIT_DONE) ?:
           choose_style(args, &style);
}

int run_map(const struct args *args)
{
    struct drawing p = { .args = args };
    int code = choose_style(args, &p.style);

    code = code ?: get_dump(args, &p);
    if ( !code )
    {
        if ( p.range.first > p.dump.last_gfn )
            complain(0, "warning: %s: this is beyond the memory of domain "
                     "%u%s%s, whose highest gfn is 0x%" PRIx64,
                     range_text(&p.range), p.dump.domid,
                     p.dump.name ? " " : "", p.dump.name ?: "",
                     p.dump.last_gfn);
        code = write_file(args->value[OPT_OUTPUT], draw, &p);
    }
    free_dump(&p.dump);
    return code;
}
