/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Every way in which code can learn of RFLAGS.TF, and a debugger's use of it:
 * to be run by itself and while a monitor steps the vCPU, with the same result.
 *
 * Results: a bit for each look that showed TF where we had not set it, how many
 * #DB there were, a digest of all that was seen, and how much that is.
 */
#include "cpu.h"
#include "guest.h"
#include "layout.h"

#define TF 0x100u
#define RF 0x10000u

#define PTE_P  0x01u
#define PTE_RW 0x02u
#define PTE_US 0x04u
#define PTE_PS 0x80u

/* Where a user finds what is below 2 MiB: by the fifth entry of the root. */
#define ROOT_ENTRY 4
#define USER       ((uint64_t)ROOT_ENTRY << 39)
#define MSR_EFER  0xc0000080
#define MSR_STAR  0xc0000081
#define MSR_LSTAR 0xc0000082
#define MSR_MASK  0xc0000084
#define EFER_SCE  1u

#define VECTOR_DB 1
#define VECTOR_GP 13
#define VECTOR_PF 14

static uint64_t digest, shown, looks, traps;
static int stepping_ourselves;

static void note(uint64_t x)
{
    digest = (digest ^ x) * 0x9e3779b97f4a7c15ULL;
    digest ^= digest >> 31;
}

/* Flags that we have got to see. */
static void look(uint64_t flags)
{
    if ( (flags & TF) && !stepping_ourselves )
        shown |= 1ULL << (looks & 63);
    looks++;
    /* Not every emulated CPU sets RF in what it pushes for a fault. */
    note(flags & ~(uint64_t)RF);
}

/* So that a difference can be told to be in some part. */
static void part_ends(void)
{
    volatile struct payload_slot *slot = this_vcpu()->slot;

    if ( slot->values < PAYLOAD_VALUES )
        slot->value[slot->values++].value = digest;
}

static uint64_t read_dr6(void)
{
    uint64_t value;

    asm volatile ( "mov %%dr6, %0" : "=r" (value) );
    return value;
}

static void write_dr6(uint64_t value)
{
    asm volatile ( "mov %0, %%dr6" :: "r" (value) );
}

static uint64_t dr7_twice(void)
{
    uint64_t value;

    asm volatile ( "mov %%dr7, %0; mov %0, %%dr7; mov %%dr7, %0"
                   : "=&r" (value) );
    return value;
}

static uint64_t read_cr2(void)
{
    uint64_t value;

    asm volatile ( "mov %%cr2, %0" : "=r" (value) );
    return value;
}

static void on_exception(struct frame *frame)
{
    uint64_t flags;

    /* The handler's own flags first. */
    asm volatile ( "pushfq; popq %0" : "=r" (flags) );
    if ( flags & TF )
        shown |= 1ULL << 63;

    note(frame->vector);
    note(frame->error);
    note(frame->rip);
    look(frame->rflags);

    switch ( frame->vector )
    {
    case VECTOR_DB:
        note(read_dr6());
        write_dr6(0xffff0ff0);
        traps++;
        break;

    case VECTOR_UD:
        frame->rip += 2; /* ud2 */
        break;

    case VECTOR_PF:
        note(read_cr2());
        /* Fall through. */
    case VECTOR_GP:
        frame->rip += 3; /* mov (%rax), %rax */
        break;
    }
}

static uint64_t flags_now(void)
{
    uint64_t flags;

    asm volatile ( "pushfq; popq %0" : "=r" (flags) );
    return flags;
}

static uint64_t flags_after_popf(void)
{
    uint64_t flags;

    asm volatile ( "pushfq; popfq; pushfq; popq %0" : "=r" (flags) :: "cc" );
    return flags;
}

static uint64_t flags_of_16_bits(void)
{
    uint16_t flags;

    asm volatile ( "pushfw; popw %0" : "=r" (flags) );
    return flags;
}

static uint64_t flags_after_iret(void)
{
    uint64_t flags, scratch;

    asm volatile ( "mov %%rsp, %1\n\t"
                   "pushq %2; pushq %1; pushfq; pushq %3; pushq $1f\n\t"
                   "iretq\n"
                   "1: pushfq; popq %0"
                   : "=r" (flags), "=&r" (scratch)
                   : "i" (SEL_DATA), "i" (SEL_CODE64) : "cc", "memory" );
    return flags;
}

static uint64_t flags_after_ss(void)
{
    uint64_t flags;

    asm volatile ( "mov %%ss, %0; mov %0, %%ss; pushfq; popq %0"
                   : "=&r" (flags) );
    return flags;
}

/* What SYSCALL leaves in %r11; then goes on with those flags. */
static __attribute__((noinline)) uint64_t flags_of_syscall(void)
{
    uint64_t flags, rcx;

    asm volatile ( "syscall\n\t"
                   ".globl flags_syscall\n"
                   "flags_syscall: mov %%r11, %0; pushq %0; popfq"
                   : "=r" (flags), "=c" (rcx) :: "r11", "cc", "memory" );
    note(rcx);
    return flags;
}

static void faults(void)
{
    uint64_t rax = 1ULL << 40;

    asm volatile ( "int $31" ::: "memory" );
    part_ends();
    asm volatile ( "int3" ::: "memory" );
    part_ends();
    asm volatile ( "ud2" ::: "memory" );
    part_ends();
    asm volatile ( ".byte 0x48, 0x8b, 0x00" : "+a" (rax) :: "memory" );
    part_ends();
    rax = 1ULL << 62;
    asm volatile ( ".byte 0x48, 0x8b, 0x00" : "+a" (rax) :: "memory" );
}

static void repeated(void)
{
    static uint8_t from[8] = "iterate", to[8];
    void *source = from, *target = to;
    uint64_t count = sizeof(to);

    asm volatile ( "rep movsb" : "+S" (source), "+D" (target), "+c" (count)
                   :: "memory" );
    note(to[0] + to[6]);
    note(count);
}

static void look_everywhere(void)
{
    look(flags_now());
    part_ends();
    look(flags_after_popf());
    part_ends();
    look(flags_of_16_bits());
    part_ends();
    look(flags_after_iret());
    part_ends();
    look(flags_after_ss());
    part_ends();
    look(flags_of_syscall());
    part_ends();
    faults();
    part_ends();
    repeated();
    part_ends();
    look(flags_now());
    part_ends();
}

/* Short: a monitor that steps us steps through each of our own #DB, too. */
static void step_ourselves(void)
{
    uint64_t pushed, of_ss;

    stepping_ourselves = 1;
    asm volatile ( "pushfq; orl $0x100, (%%rsp); popfq\n\t"
                   "pushfq; popq %0\n\t"
                   "mov %%ss, %1; mov %1, %%ss; pushfq; popq %1\n\t"
                   "int $31; ud2\n\t"
                   "pushfq; andl $~0x100, (%%rsp); popfq"
                   : "=&r" (pushed), "=&r" (of_ss) :: "cc", "memory" );
    stepping_ourselves = 0;
    note(pushed);
    note(of_ss);
    look(flags_now());
}

/*
 * A user's code, which knows no address: leaves the flags that it sees in three
 * ways, and is left by SYSCALL.
 */
asm ( ".globl flags_user\n"
      "flags_user: pushfq; popq %rdi\n\t"
      "pushfq; popfq; pushfq; popq %rsi\n\t"
      "xor %edx, %edx; pushfw; popw %dx\n\t"
      "syscall" );

/* No interrupts meanwhile: there is no stack for them. */
static __attribute__((noinline)) void look_as_user(void)
{
    extern const uint8_t flags_user[];
    static uint64_t stack[8];
    uint64_t after[3], rcx = USER + (uint64_t)flags_user;
    register uint64_t r11 asm ( "r11" ) = 2;

    asm volatile ( "mov %%rsp, %%r12; mov %6, %%rsp; sysretq\n\t"
                   ".globl flags_user_left\n"
                   "flags_user_left: mov %%r12, %%rsp"
                   : "=D" (after[0]), "=S" (after[1]), "=d" (after[2]),
                     "+c" (rcx), "+r" (r11)
                   : "m" (stack), "r" (USER + (uint64_t)(stack + 8))
                   : "r12", "cc", "memory" );
    for ( unsigned int i = 0; i < 3; i++ )
        look(after[i]);
    look(r11);
}

/* Rounds of a user on pages that SMAP keeps the kernel from: none without it. */
static void look_as_users(unsigned int rounds)
{
    extern const uint8_t flags_user_left[];
    extern uint64_t tables_root[];
    static uint64_t tables[2][512] __attribute__((aligned(4096)));
    uint32_t leaf[4];

    cpuid(7, leaf);
    if ( !(leaf[1] & CPUID_SMAP) )
        return;
    tables[1][0] = PTE_P | PTE_RW | PTE_US | PTE_PS;
    tables[0][0] = (uint64_t)tables[1] | PTE_P | PTE_RW | PTE_US;
    tables_root[ROOT_ENTRY] = (uint64_t)tables[0] | PTE_P | PTE_RW | PTE_US;

    write_msr(MSR_LSTAR, (uint64_t)flags_user_left);
    write_cr4(read_cr4() | CR4_SMAP);
    while ( rounds-- )
        look_as_user();
    write_cr4(read_cr4() & ~CR4_SMAP);
    tables_root[ROOT_ENTRY] = 0;
}

void flags_run(struct vcpu *v, uint64_t gpa, uint64_t what)
{
    extern const uint8_t flags_syscall[];

    digest = shown = looks = traps = 0;
    v->slot->values = 0;
    v->on_exception = on_exception;
    write_msr(MSR_EFER, 0x500 | EFER_SCE);
    /* A user's selectors follow ours; no descriptors are read. */
    write_msr(MSR_STAR, (uint64_t)SEL_CODE64 << 32 | (uint64_t)SEL_CODE32 << 48);
    write_msr(MSR_LSTAR, (uint64_t)flags_syscall);
    write_msr(MSR_MASK, TF);
    write_dr6(0xffff0ff0);

    if ( gpa )
        write_word(gpa, 1);
    if ( what == FLAGS_OF_USER )
        look_as_users(100);
    else
        look_everywhere();
    if ( what == FLAGS_STEPPING )
        step_ourselves();
    note(read_dr6());
    note(dr7_twice());
    if ( gpa )
        write_word(gpa, 2);

    write_msr(MSR_EFER, 0x500);
    v->on_exception = 0;
    v->slot->result[0] = shown;
    v->slot->result[1] = traps;
    v->slot->result[2] = digest;
    v->slot->result[3] = looks;
}
