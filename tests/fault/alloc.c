/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An allocator that fails on demand, to be preloaded (LD_PRELOAD) into any program:
 *
 *   FAULT_AT=N       the N-th allocation fails, as if there were no memory
 *   FAULT_FROM=N     all from the N-th on fail
 *   FAULT_TRACE=FILE one line a distinct call stack: the number of the first allocation by it
 *   FAULT_REPORT=FILE at the end: how many were counted, failed, and are still allocated
 *
 *   FAULT_SHOW=1     the frames of an allocation that fails, as "FAULT-AT", to stderr
 *
 * A crash writes "FAULT-CRASH" and the frames of the program, as offsets, to stderr.
 *
 * Counted are those of the program and of the libraries that it brings (wolfSSL, libyaml, libuv,
 * c-ares, jansson), not those of the test frame, the dynamic linker and this file. Numbers are the
 * same in each run as far as the program does the same.
 */
#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <link.h>
#include <malloc.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define STACK_DEPTH 8
#define STACK_SKIPS 2 /* this file's frames */
#define SITES_MAX 65536U
#define RANGES_MAX 16U

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *old, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);
extern void __libc_free(void *block);

static struct {
	uintptr_t from, to;
} ignored[RANGES_MAX];
static unsigned ignored_count;
static bool ready;
static long fail_at, fail_from, counted, failed, live;
static const char *trace;
static bool show;
static int paused;
static __thread bool inside;      /* backtrace() allocates when it is first used */
static uint64_t sites[SITES_MAX]; /* open addressing; 0: free */
static long site_first[SITES_MAX];

static bool is_ignored_name(const char *name)
{
	return strstr(name, "libcmocka") || strstr(name, "ld-linux") ||
	       strstr(name, "fault_alloc") || strstr(name, "libasan") || strstr(name, "libgcc");
}

static int note_object(struct dl_phdr_info *info, size_t size, void *user)
{
	(void)size;
	(void)user;
	for (unsigned i = 0; is_ignored_name(info->dlpi_name) && i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *part = &info->dlpi_phdr[i];

		if (part->p_type != PT_LOAD || !(part->p_flags & PF_X) ||
		    ignored_count == RANGES_MAX)
			continue;
		ignored[ignored_count].from = info->dlpi_addr + part->p_vaddr;
		ignored[ignored_count++].to = info->dlpi_addr + part->p_vaddr + part->p_memsz;
	}
	return 0;
}

static long number_of(const char *name)
{
	const char *text = getenv(name);

	return text ? atol(text) : 0;
}

/* ---- crashes ---- */

static int (*real_sigaction)(int number, const struct sigaction *new, struct sigaction *old);
static sighandler_t (*real_signal)(int number, sighandler_t handler);

static bool is_crash(int number)
{
	return number == SIGSEGV || number == SIGBUS || number == SIGABRT || number == SIGFPE ||
	       number == SIGILL;
}

/* Test frames would catch these, go on, and call it a failed test. */
int sigaction(int number, const struct sigaction *new, struct sigaction *old)
{
	return is_crash(number) ? 0 : real_sigaction(number, new, old);
}

sighandler_t signal(int number, sighandler_t handler)
{
	return is_crash(number) ? SIG_DFL : real_signal(number, handler);
}

static void write_frames(const char *what)
{
	void *frame[24];
	int depth = backtrace(frame, 24);
	char line[512];
	Dl_info info;

	for (int i = 1; i < depth; i++) {
		if (!dladdr(frame[i], &info) || !info.dli_fname)
			continue;
		int length = snprintf(line, sizeof(line), "%s %s 0x%lx\n", what, info.dli_fname,
				      (unsigned long)((char *)frame[i] - (char *)info.dli_fbase));

		if (write(STDERR_FILENO, line, (size_t)length) != length)
			break;
	}
}

static void crashed(int number)
{
	write_frames("FAULT-CRASH");
	_exit(128 + number);
}

static void catch_crashes(void)
{
	struct sigaction action = {.sa_handler = crashed, .sa_flags = (int)SA_RESETHAND};

	real_sigaction = (int (*)(int, const struct sigaction *, struct sigaction *))dlsym(
	    RTLD_NEXT, "sigaction");
	real_signal = (sighandler_t(*)(int, sighandler_t))dlsym(RTLD_NEXT, "signal");
	for (int number = 1; number < 32; number++)
		if (is_crash(number))
			real_sigaction(number, &action, NULL);
}

__attribute__((constructor)) static void begin(void)
{
	void *warm[2];

	(void)backtrace(warm, 2);
	catch_crashes();
	dl_iterate_phdr(note_object, NULL);
	fail_at = number_of("FAULT_AT");
	fail_from = number_of("FAULT_FROM");
	trace = getenv("FAULT_TRACE");
	show = getenv("FAULT_SHOW");
	ready = true;
}

static void write_trace(void)
{
	FILE *file = fopen(trace, "we");

	for (unsigned i = 0; file && i < SITES_MAX; i++)
		if (sites[i])
			fprintf(file, "%ld\n", site_first[i]);
	if (file)
		fclose(file);
}

__attribute__((destructor)) static void end(void)
{
	const char *path = getenv("FAULT_REPORT");
	char line[128];
	int length = snprintf(line, sizeof(line), "%ld %ld %ld\n", counted, failed, live);
	int fd;

	ready = false;
	if (trace)
		write_trace();
	fd = path ? open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600) : -1;
	if (fd < 0)
		return;
	if (write(fd, line, (size_t)length) != length)
		_exit(99);
	close(fd);
}

static bool is_counted(const void *caller)
{
	uintptr_t at = (uintptr_t)caller;

	if (!ready || inside || paused)
		return false;
	for (unsigned i = 0; i < ignored_count; i++)
		if (at >= ignored[i].from && at < ignored[i].to)
			return false;
	return true;
}

/* FNV-1a of the return addresses. */
static void note_site(long number)
{
	void *frame[STACK_DEPTH + STACK_SKIPS];
	uint64_t hash = UINT64_C(14695981039346656037);
	int depth;

	inside = true;
	depth = backtrace(frame, STACK_DEPTH + STACK_SKIPS);
	inside = false;
	for (int i = STACK_SKIPS; i < depth; i++)
		hash = (hash ^ (uintptr_t)frame[i]) * UINT64_C(1099511628211);
	hash += hash == 0;
	for (unsigned i = 0; i < SITES_MAX; i++) {
		unsigned at = (unsigned)(hash + i) % SITES_MAX;

		if (sites[at] == hash)
			return;
		if (sites[at] == 0) {
			sites[at] = hash;
			site_first[at] = number;
			return;
		}
	}
}

/* Whether this allocation is to fail. */
static bool refuse(const void *caller)
{
	long number;

	if (!is_counted(caller))
		return false;
	number = __atomic_add_fetch(&counted, 1, __ATOMIC_RELAXED);
	if (trace)
		note_site(number);
	if (number != fail_at && !(fail_from && number >= fail_from))
		return false;
	__atomic_add_fetch(&failed, 1, __ATOMIC_RELAXED);
	if (show) {
		inside = true;
		write_frames("FAULT-AT");
		inside = false;
	}
	errno = ENOMEM;
	return true;
}

/* For programs that know of this file (weak there): nothing fails between 1 and 0. */
void fault_pause(int on);
void fault_pause(int on)
{
	paused = on;
}

static void *took(void *block)
{
	if (block)
		__atomic_add_fetch(&live, 1, __ATOMIC_RELAXED);
	return block;
}

void *malloc(size_t size)
{
	return refuse(__builtin_return_address(0)) ? NULL : took(__libc_malloc(size));
}

void *calloc(size_t count, size_t size)
{
	return refuse(__builtin_return_address(0)) ? NULL : took(__libc_calloc(count, size));
}

static void *resize(void *old, size_t size)
{
	void *block = __libc_realloc(old, size);

	if (!old)
		return took(block);
	if (!block && size == 0)
		__atomic_sub_fetch(&live, 1, __ATOMIC_RELAXED);
	return block;
}

void *realloc(void *old, size_t size)
{
	return refuse(__builtin_return_address(0)) ? NULL : resize(old, size);
}

void *reallocarray(void *old, size_t count, size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(count, size, &bytes)) {
		errno = ENOMEM;
		return NULL;
	}
	return refuse(__builtin_return_address(0)) ? NULL : resize(old, bytes);
}

void *memalign(size_t alignment, size_t size)
{
	return refuse(__builtin_return_address(0)) ? NULL : took(__libc_memalign(alignment, size));
}

void *aligned_alloc(size_t alignment, size_t size)
{
	return refuse(__builtin_return_address(0)) ? NULL : took(__libc_memalign(alignment, size));
}

int posix_memalign(void **block, size_t alignment, size_t size)
{
	int before = errno;

	if (refuse(__builtin_return_address(0))) {
		errno = before;
		return ENOMEM;
	}
	*block = took(__libc_memalign(alignment, size));
	return *block ? 0 : ENOMEM;
}

void free(void *block)
{
	if (block)
		__atomic_sub_fetch(&live, 1, __ATOMIC_RELAXED);
	__libc_free(block);
}
