/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "command.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#define NS 1e9
#define RATE_MAX 100000.0
#define SECONDS_MAX 3600.0
#define TURN_MAX_NS 20000000.0 /* timeouts are looked for at least so often */

struct job {
	struct calls *calls;
	double rate;
	uint64_t wanted;  /* calls to start or to hang up */
	uint64_t done;    /* of these */
	uint64_t talk_ns; /* CALL_HELD: not hung up */
	uint64_t start_ns;
	uint64_t end_ns;  /* the last was started */
	double latest_ns; /* how far behind its pace a call was begun */
	double cpu_s;
	int (*step)(struct job *job); /* one of the wanted: 0 or -errno */
};

static double cpu_s(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
	       (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static int step_start(struct job *job)
{
	return calls_start(job->calls);
}

static int step_release(struct job *job)
{
	return calls_release(job->calls, 0, 1) == 1 ? 0 : -ENOENT;
}

/* Begins what is due by now; nanoseconds until the next. */
static double begin_due(struct job *job, int *result)
{
	double elapsed = (double)(call_now_ns() - job->start_ns);
	double period = NS / job->rate;

	while (job->done < job->wanted && *result == 0) {
		double at = (double)job->done * period;

		if (at > elapsed)
			return at - elapsed;
		if (elapsed - at > job->latest_ns)
			job->latest_ns = elapsed - at;
		*result = job->step(job);
		job->done++;
		if (job->done == job->wanted)
			job->end_ns = call_now_ns();
	}
	return TURN_MAX_NS;
}

static bool is_over(const struct job *job)
{
	if (job->done < job->wanted)
		return false;
	return job->talk_ns == CALL_HELD ? !calls_under_way(job->calls) : !calls_any(job->calls);
}

static int work(struct job *job)
{
	int result = 0;

	job->start_ns = call_now_ns();
	job->cpu_s = cpu_s();
	while (result == 0 && !is_over(job)) {
		double wait = begin_due(job, &result);

		if (job->talk_ns != CALL_HELD) {
			calls_release(job->calls, job->talk_ns, UINT32_MAX);
			wait = wait > 1e6 ? 1e6 : wait;
		}
		if (!endpoints_flush(job->calls->endpoints) ||
		    !endpoints_turn(job->calls->endpoints,
				    (int64_t)(wait > TURN_MAX_NS ? TURN_MAX_NS : wait)))
			result = -ECONNRESET;
		calls_expire(job->calls);
	}
	job->cpu_s = cpu_s() - job->cpu_s;
	return result;
}

static double us(const struct histogram *histogram, double share)
{
	return (double)histogram_quantile(histogram, share) / 1e3;
}

static void report(const struct job *job)
{
	const struct call_counts *counts = &job->calls->counts;
	const struct histogram *added = &job->calls->added;
	uint64_t now = call_now_ns();

	printf("{\"started\": %lu, \"answered\": %lu, \"completed\": %lu, \"failed\": %lu, "
	       "\"refused\": %lu, \"unsent\": %lu, \"last_status\": %u, \"timed_out\": %lu, "
	       "\"unended\": %lu, "
	       "\"repeated\": %lu, \"strange\": %lu, "
	       "\"start_s\": %.6f, \"all_s\": %.6f, \"late_ms\": %.3f, \"generator_cpu_s\": %.6f, "
	       "\"setup_us\": {\"p50\": %.1f, \"p90\": %.1f, \"p99\": %.1f, \"max\": %.1f}}\n",
	       counts->started, counts->answered, counts->completed, calls_failed(counts),
	       counts->refused, counts->unsent, counts->last_status, counts->timed_out,
	       counts->unended, counts->repeated, counts->strange,
	       (double)(job->end_ns - job->start_ns) / NS, (double)(now - job->start_ns) / NS,
	       job->latest_ns / 1e6, job->cpu_s, us(added, 0.5), us(added, 0.9), us(added, 0.99),
	       (double)added->max / 1e3);
	fflush(stdout);
}

static bool rate_fits(double rate)
{
	return rate >= 1 && rate <= RATE_MAX;
}

static int parse(struct job *job, const char *line)
{
	double seconds;
	unsigned count, talk_ms;

	if (sscanf(line, "run %lf %lf %u", &job->rate, &seconds, &talk_ms) == 3 &&
	    rate_fits(job->rate) && seconds > 0 && seconds <= SECONDS_MAX) {
		job->wanted = (uint64_t)(job->rate * seconds);
		job->talk_ns = (uint64_t)talk_ms * 1000000;
		job->step = step_start;
		return 0;
	}
	if (sscanf(line, "hold %u %lf", &count, &job->rate) == 2 && rate_fits(job->rate)) {
		job->wanted = count;
		job->talk_ns = CALL_HELD;
		job->step = step_start;
		return 0;
	}
	if (sscanf(line, "release %lf", &job->rate) == 1 && rate_fits(job->rate)) {
		const struct call *call;

		TAILQ_FOREACH (call, &job->calls->list[CALL_TALKING], link)
			job->wanted++;
		job->talk_ns = CALL_HELD;
		job->step = step_release;
		return 0;
	}
	fprintf(stderr, "signalling: not a command within bounds: %s", line);
	return -EINVAL;
}

static int command(struct calls *calls, const char *line)
{
	struct job job = {.calls = calls};
	int result = parse(&job, line);

	if (result < 0)
		return result;
	calls->counts = (struct call_counts){0};
	calls->added = (struct histogram){0};
	job.end_ns = job.start_ns = call_now_ns();
	result = work(&job);
	report(&job);
	return result;
}

int commands_run(struct calls *calls)
{
	char line[128];
	int result = 0;

	printf("{\"ready\": true}\n");
	fflush(stdout);
	while (result == 0 && fgets(line, sizeof(line), stdin))
		result = command(calls, line);
	return result;
}
