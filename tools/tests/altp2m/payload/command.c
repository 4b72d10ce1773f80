/* SPDX-License-Identifier: GPL-2.0-only */
/* The commands of protocol.h. */
#include "cpu.h"
#include "guest.h"
#include "hypercall.h"

#include <xen/xen.h>
#include <xen/sched.h>

#define PAGE 4096ULL
#define ORDERED_READS 1024  /* between two turns of other CPUs */

/* dom0 writes the sequence while the guest runs. */
uint32_t sequence(const struct payload_slot *slot)
{
    return __atomic_load_n(&slot->sequence, __ATOMIC_ACQUIRE);
}

void command_answer(struct payload_slot *slot, uint32_t taken)
{
    __atomic_store_n(&slot->answered, taken, __ATOMIC_RELEASE);
}

static uint64_t sum(uint64_t gpa, uint64_t pages)
{
    uint64_t total = 0;

    for ( uint64_t end = gpa + pages * PAGE; gpa < end; gpa += PAGE )
        total += read_word(gpa);
    return total;
}

static void timed_sum(struct payload_slot *slot, const uint64_t *arg)
{
    uint64_t start = ticks();

    slot->result[0] = sum(arg[0], arg[1]);
    slot->result[1] = ticks() - start;
}

static void timed_sum_all(struct payload_slot *slot, const uint64_t *arg)
{
    uint64_t start = ticks(), total = 0;

    for ( uint64_t i = 0; i < arg[1]; i++ )
        total += read_word(arg[0] + i * 8);
    slot->result[0] = total;
    slot->result[1] = ticks() - start;
}

static void timed_calls(struct payload_slot *slot, const uint64_t *arg)
{
    uint64_t start = ticks();

    for ( uint64_t i = 0; i < arg[2]; i++ )
        for ( uint64_t page = 0; page < arg[1]; page++ )
        {
            uint64_t gpa = arg[0] + page * PAGE;

            if ( arg[3] )
                read_word(gpa & -PAGE);
            slot->result[0] = ((uint64_t (*)(void))gpa)();
        }
    slot->result[1] = ticks() - start;
}

static void timed_fill(struct payload_slot *slot, const uint64_t *arg)
{
    uint64_t start = ticks();

    for ( uint64_t i = 0; i < arg[1]; i++ )
        write_word(arg[0] + i * PAGE,
                   payload_pattern(arg[0] + i * PAGE, arg[2]));
    slot->result[0] = ticks() - start;
}

static void verify(struct payload_slot *slot, const uint64_t *arg)
{
    uint64_t wrong = 0;

    for ( uint64_t i = 0; i < arg[1]; i++ )
    {
        uint64_t gpa = arg[0] + i * PAGE, value = read_word(gpa);

        if ( value == payload_pattern(gpa, arg[2]) || wrong++ )
            continue;
        slot->result[1] = gpa;
        slot->result[2] = value;
    }
    slot->result[0] = wrong;
}

static void make_code(const uint64_t *arg)
{
    volatile uint8_t *page = (void *)arg[0];
    const uint32_t displacement = PAYLOAD_CODE_VALUE - 7;

    /* mov displacement(%rip), %rax; ret */
    page[0] = 0x48;
    page[1] = 0x8b;
    page[2] = 0x05;
    for ( unsigned int i = 0; i < 4; i++ )
        page[3 + i] = displacement >> (8 * i);
    page[7] = 0xc3;
    write_word(arg[0] + PAYLOAD_CODE_VALUE, arg[1]);
}

static void live_start(struct payload_slot *slot, uint32_t taken)
{
    slot->rounds = slot->values = slot->lost = slot->slowest = slot->last = 0;
    slot->fastest = ~0ULL;
    command_answer(slot, taken);
}

static void count_value(struct payload_slot *slot, uint64_t value)
{
    uint64_t i;

    for ( i = 0; i < slot->values; i++ )
        if ( slot->value[i].value == value )
        {
            slot->value[i].count++;
            return;
        }

    if ( i == PAYLOAD_VALUES )
    {
        slot->lost++;
        return;
    }
    slot->value[i].value = value;
    slot->value[i].count = 1;
    slot->values = i + 1;
}

static void watch(struct payload_slot *slot, const uint64_t *arg,
                  uint32_t taken)
{
    uint64_t gpa = arg[0], write = arg[1];

    live_start(slot, taken);
    while ( sequence(slot) == taken )
    {
        count_value(slot, read_word(gpa));
        if ( write )
            write_word(gpa + 8, slot->rounds);
        slot->rounds++;
        relax();
    }
}

/* Reads that are out of order are lost; the first are kept, with the order. */
static void watch_order(struct payload_slot *slot, const uint64_t *arg,
                        uint32_t taken)
{
    volatile struct payload_slot *shared = slot;

    live_start(slot, taken);
    while ( sequence(slot) == taken )
    {
        uint32_t done = shared->done, value = read_word(arg[0]) >> arg[1];
        uint32_t begun = shared->begun;

        if ( value < done || value > begun )
        {
            slot->lost++;
            if ( slot->values < PAYLOAD_VALUES )
                slot->value[slot->values++].value = value;
            if ( slot->values < PAYLOAD_VALUES )
                slot->value[slot->values++].value = (uint64_t)done << 32 | begun;
        }
        if ( !(++slot->rounds % ORDERED_READS) )
            relax();
    }
}

static void sweep(struct payload_slot *slot, const uint64_t *arg,
                  uint32_t taken)
{
    uint64_t gpa = arg[0], pages = arg[1];

    live_start(slot, taken);
    while ( sequence(slot) == taken )
    {
        uint64_t start = ticks(), value = sum(gpa, pages);
        uint64_t took = ticks() - start;

        count_value(slot, value);
        slot->last = took;
        if ( took > slot->slowest )
            slot->slowest = took;
        if ( took < slot->fastest )
            slot->fastest = took;
        slot->rounds++;
        relax();
    }
}

/*
 * Words of a page change while their checksum, which is kept in the page's
 * last word, is carried along; at the end it is computed anew.  A write that
 * is lost or done twice shows.
 */
static void checksum(struct payload_slot *slot, const uint64_t *arg)
{
    volatile uint64_t *page = (void *)arg[0];
    uint64_t words = arg[1], total = 0;

    for ( uint64_t i = 0; i < words; i++ )
        total += page[i];
    page[511] = total;

    for ( uint64_t round = 0; round < arg[2]; round++ )
    {
        uint64_t i = round % words;

        page[i] += round * 3 + 1;
        page[511] += round * 3 + 1;
    }

    slot->result[0] = page[511];
    slot->result[1] = 0;
    for ( uint64_t i = 0; i < words; i++ )
        slot->result[1] += page[i];
}

static void checksum_unpaged(struct payload_slot *slot, const uint64_t *arg)
{
    const volatile uint64_t *page = (void *)arg[0];
    uint32_t total = 0;

    checksum_flat(arg[0], arg[1], arg[2]);
    for ( uint64_t i = 0; i < arg[1]; i++ )
        total += page[i];
    slot->result[0] = (uint32_t)page[511];
    slot->result[1] = total;
}

static void vmfunc_loop(struct payload_slot *slot, const uint64_t *arg)
{
    uint64_t start = ticks();

    for ( uint64_t i = 0; i < arg[2]; i += 2 )
    {
        vmfunc(0, arg[0]);
        vmfunc(0, arg[1]);
    }
    slot->result[0] = ticks() - start;
}

static void vmfunc_read(struct payload_slot *slot, const uint64_t *arg)
{
    uint64_t value;

    vmfunc(0, arg[0]);
    value = read_word(arg[1]);
    vmfunc(0, arg[2]);
    slot->result[0] = value;
}

static uint64_t cr3_read(const uint64_t *arg)
{
    uint64_t value;

    write_cr3(arg[0]);
    value = read_word(arg[1]);
    write_cr3(arg[2]);
    return value;
}

static void cr3_loop(struct payload_slot *slot, const uint64_t *arg)
{
    uint64_t start = ticks();

    for ( uint64_t i = 0; i < arg[2]; i += 2 )
    {
        write_cr3(arg[0]);
        write_cr3(arg[1]);
    }
    slot->result[0] = ticks() - start;
}

/* Only views that show the slots may be entered by this. */
static void cr3_flood(struct payload_slot *slot, const uint64_t *arg,
                      uint32_t taken)
{
    live_start(slot, taken);
    while ( sequence(slot) == taken )
    {
        write_cr3(arg[slot->rounds & 1]);
        count_value(slot, read_word(arg[2]));
        slot->rounds++;
    }
    slot->last = read_cr3();
}

static void cpuid_loop(struct payload_slot *slot, const uint64_t *arg)
{
    uint64_t start = ticks();
    uint32_t r[4];

    for ( uint64_t i = 0; i < arg[0]; i++ )
        cpuid(0, r);
    slot->result[0] = ticks() - start;
}

static uint64_t features(void)
{
    uint32_t r[4];

    cpuid(0, r);
    return r[1] == 0x756e6547 ? FEATURE_INTEL :
           r[1] == 0x68747541 ? FEATURE_AMD : 0;
}

static void shutdown(uint64_t reason)
{
    struct sched_shutdown s = { .reason = reason };

    hypercall64(__HYPERVISOR_sched_op, SCHEDOP_shutdown, (uint64_t)&s, 0, 0, 0);
}

static void run_memory(struct payload_slot *slot, const uint64_t *arg)
{
    switch ( slot->command )
    {
    case CMD_READ:
        slot->result[0] = read_word(arg[0]);
        break;

    case CMD_WRITE:
        write_word(arg[0], arg[1]);
        break;

    case CMD_SUM:
        timed_sum(slot, arg);
        break;

    case CMD_SUM_ALL:
        timed_sum_all(slot, arg);
        break;

    case CMD_CALL:
        timed_calls(slot, arg);
        break;

    case CMD_FILL:
        timed_fill(slot, arg);
        break;

    case CMD_VERIFY:
        verify(slot, arg);
        break;

    case CMD_MAKE_CODE:
        make_code(arg);
        break;

    case CMD_EXEC:
        slot->result[0] = ((uint64_t (*)(void))arg[0])();
        break;

    case CMD_CHECKSUM:
        checksum(slot, arg);
        break;

    case CMD_CHECKSUM_FLAT:
        checksum_unpaged(slot, arg);
        break;

    case CMD_READ_PAE:
        slot->result[0] = read_pae(arg[0], arg[1]);
        break;

    case CMD_SWITCH_TASK:
        slot->result[0] = switch_task(arg[0]);
        break;
    }
}

static void run_cpu(struct vcpu *v, struct payload_slot *slot,
                    const uint64_t *arg)
{
    switch ( slot->command )
    {
    case CMD_VMFUNC:
        vmfunc(arg[0], arg[1]);
        break;

    case CMD_VMFUNC_READ:
        vmfunc_read(slot, arg);
        break;

    case CMD_VMFUNC_LOOP:
        vmfunc_loop(slot, arg);
        break;

    case CMD_CPUID_LOOP:
        cpuid_loop(slot, arg);
        break;

    case CMD_VE_SETUP:
        v->ve_action = arg[0];
        v->ve_view = arg[1];
        slot->ve = (struct payload_ve){ 0 };
        ve_info_release();
        break;

    case CMD_VE_LOOP:
        slot->result[0] = ve_loop(arg[0], arg[1]);
        break;

    case CMD_FEATURES:
        slot->result[0] = features();
        slot->result[1] = exceptions_table();
        slot->result[2] = read_cr3();
        break;

    case CMD_LOAD_CR3:
        write_cr3(arg[0]);
        slot->result[0] = read_cr3();
        break;

    case CMD_CR3_READ:
        slot->result[0] = cr3_read(arg);
        break;

    case CMD_CR3_LOOP:
        cr3_loop(slot, arg);
        break;

    case CMD_TOGGLE_TSD:
        for ( uint64_t i = 0; i < arg[0]; i++ )
            write_cr4(read_cr4() ^ CR4_TSD);
        slot->result[0] = !!(read_cr4() & CR4_TSD);
        break;

    case CMD_TRAP:
        asm volatile ( "ud2" );
        break;

    case CMD_DEVICE:
        device_copy(arg);
        break;

    case CMD_FLAGS:
        flags_run(v, arg[0], arg[1]);
        break;

    case CMD_STRESS:
        stress_run(v, arg[0], arg[1]);
        break;
    }
}

static void run_xen(struct payload_slot *slot, const uint64_t *arg)
{
    switch ( slot->command )
    {
    case CMD_HYPERCALL:
        slot->result[0] = hypercall64(arg[0], arg[1], arg[2], arg[3], arg[4],
                                      arg[5]);
        break;

    case CMD_HYPERCALL32:
        slot->result[0] = hypercall32(arg[0], arg[1], arg[2], arg[3], arg[4],
                                      arg[5]);
        break;

    case CMD_START_VCPU:
        slot->result[0] = vcpu_start(arg[0]);
        break;

    case CMD_SHUTDOWN:
        shutdown(arg[0]);
        break;

    case CMD_TRANSCRIPT:
        slot->result[0] = transcript(arg[0]);
        break;
    }
}

void command_run(struct vcpu *v, uint32_t taken)
{
    struct payload_slot *slot = v->slot;
    uint64_t arg[PAYLOAD_ARGS];

    for ( unsigned int i = 0; i < PAYLOAD_ARGS; i++ )
        arg[i] = slot->argument[i];

    switch ( slot->command )
    {
    case CMD_NOP:
        break;

    case CMD_READ ... CMD_EXEC:
    case CMD_CHECKSUM:
    case CMD_CHECKSUM_FLAT:
    case CMD_READ_PAE:
    case CMD_SWITCH_TASK:
    case CMD_SUM_ALL:
    case CMD_CALL:
        run_memory(slot, arg);
        break;

    case CMD_WATCH:
        watch(slot, arg, taken);
        break;

    case CMD_SWEEP:
        sweep(slot, arg, taken);
        break;

    case CMD_FLOOD:
        for ( live_start(slot, taken); sequence(slot) == taken; slot->rounds++ )
            flood(arg[0], slot->rounds);
        break;

    case CMD_WATCH_ORDER:
        watch_order(slot, arg, taken);
        break;

    case CMD_CR3_FLOOD:
        cr3_flood(slot, arg, taken);
        break;

    case CMD_HYPERCALL:
    case CMD_HYPERCALL32:
    case CMD_START_VCPU:
    case CMD_SHUTDOWN:
    case CMD_TRANSCRIPT:
        run_xen(slot, arg);
        break;

    default:
        run_cpu(v, slot, arg);
        break;
    }
}
