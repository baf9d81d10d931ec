/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The thread of a worker: pinned, registered with EAL, and what it does when nothing comes. */
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>

#include <rte_errno.h>
#include <rte_lcore.h>
#include <rte_pause.h>

#include "worker/burst.h"

/* Turns without work before the first sleep: a packet that is near shall not wait. */
#define IDLE_TURNS 64U
/*
 * Then sleeps of 10, 20, 40, 80, 160 us. The longest is what a packet may wait on top: little next
 * to the 20 ms between two packets of a call.
 */
#define IDLE_SLEEP_NS 10000L
#define IDLE_DOUBLINGS 4U
/* With back-off on to 1.28 ms, as long as an interrupt that is held back to be gathered. */
#define BACK_OFF_DOUBLINGS 7U

static int thread_prepare(struct worker *worker)
{
	char name[16];
	cpu_set_t cpus;
	int rc;

	snprintf(name, sizeof(name), "sluice-w%u", worker->config.number);
	pthread_setname_np(pthread_self(), name);
	/* sleeps of the length that was asked for, not 50 us longer */
	prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL);
	if (worker->config.core != WORKER_NO_CORE) {
		CPU_ZERO(&cpus);
		CPU_SET(worker->config.core, &cpus);
		rc = pthread_setaffinity_np(pthread_self(), sizeof(cpus), &cpus);
		if (rc)
			return -rc;
	}
	/* gives it an lcore number, and with that the packet pool's cache */
	return rte_thread_register() ? -rte_errno : 0;
}

static void idle(const struct worker *worker, unsigned empty_turns)
{
	unsigned doublings =
	    worker->config.idle == WORKER_IDLE_BACK_OFF ? BACK_OFF_DOUBLINGS : IDLE_DOUBLINGS;
	struct timespec sleep = {.tv_nsec = IDLE_SLEEP_NS << doublings};

	if (worker->config.idle == WORKER_IDLE_POLL || empty_turns < IDLE_TURNS) {
		rte_pause();
		return;
	}
	if (empty_turns - IDLE_TURNS < doublings)
		sleep.tv_nsec = IDLE_SLEEP_NS << (empty_turns - IDLE_TURNS);
	nanosleep(&sleep, NULL);
}

static void *thread_main(void *argument)
{
	struct worker *worker = argument;
	unsigned empty_turns = 0;

	worker->start_rc = thread_prepare(worker);
	sem_post(&worker->started);
	if (worker->start_rc)
		return NULL;
	while (!__atomic_load_n(&worker->stop, __ATOMIC_RELAXED)) {
		if (worker_step(worker)) {
			empty_turns = 0;
			continue;
		}
		empty_turns += empty_turns < UINT32_MAX;
		idle(worker, empty_turns);
	}
	rte_thread_unregister();
	return NULL;
}

int worker_start(struct worker *worker)
{
	int rc;

	worker->stop = false;
	sem_init(&worker->started, 0, 0);
	rc = pthread_create(&worker->thread, NULL, thread_main, worker);
	if (rc) {
		sem_destroy(&worker->started);
		return -rc;
	}
	while (sem_wait(&worker->started) && errno == EINTR)
		;
	sem_destroy(&worker->started);
	worker->running = true;
	if (!worker->start_rc)
		return 0;
	worker_stop(worker);
	return worker->start_rc;
}

void worker_stop(struct worker *worker)
{
	if (!worker || !worker->running)
		return;
	__atomic_store_n(&worker->stop, true, __ATOMIC_RELAXED);
	pthread_join(worker->thread, NULL);
	worker->running = false;
}
