/*
 * show_task.h - tasks in the log.
 *
 * Entry points: show_state_filter.
 */
#pragma once

/* show_state_filter - a line and a stack for each thread whose state is @state,
 * a letter as in /proc/PID/stat; 0: for all.  May sleep. */
void show_state_filter(char state);
