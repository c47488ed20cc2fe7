/* What a run costs from start to exit: time and peak memory, of the program itself.
 *
 * Starts the program many times, in turns with a bare process of the same kind (`true`), and prints
 * the least and the median of the wall time and the peak of resident memory. Nothing here passes or
 * fails: machines are noisy, so figures are compared within one run only. Goals, from the issue:
 * under 15 ms and 16 MB without a picture, under 40 ms with an SVG.
 */
#include <fcntl.h>
#include <glib.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ROUNDS = 60 };

typedef struct {
    const char *name;
    char *argv[6];
    double times[ROUNDS]; /* milliseconds */
    long peak;            /* kB */
} Point;

static void run_once(Point *point, int round)
{
    gint64 before = g_get_monotonic_time();
    pid_t child = fork();
    if (child == 0) {
        int null = open("/dev/null", O_WRONLY);
        dup2(null, STDOUT_FILENO);
        dup2(null, STDERR_FILENO);
        execvp(point->argv[0], point->argv);
        _exit(127);
    }
    int status = 0;
    struct rusage usage;
    wait4(child, &status, 0, &usage);
    point->times[round] = (double)(g_get_monotonic_time() - before) / 1000.0;
    point->peak = MAX(point->peak, usage.ru_maxrss);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        fprintf(stderr, "%s: status %d\n", point->name, status);
        exit(1);
    }
}

static int by_value(const void *a, const void *b)
{
    const double *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static void print_point(Point *point, const Point *bare)
{
    qsort(point->times, ROUNDS, sizeof point->times[0], by_value);
    printf("%-28s least %6.2f ms, median %6.2f ms, %5.1f times a bare process, peak %5.1f MB\n",
           point->name, point->times[0], point->times[ROUNDS / 2],
           point->times[ROUNDS / 2] / bare->times[ROUNDS / 2], (double)point->peak / 1024.0);
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: bench-start PROGRAM\n");
        return 2;
    }
    g_autofree char *svg = g_strdup_printf("%s/shakedown-bench-%d.svg", g_get_tmp_dir(), getpid());
    Point points[] = {
        {.name = "true (a bare process)", .argv = {(char[]){"true"}}},
        {.name = "run normal", .argv = {argv[1], (char[]){"run"}, (char[]){"normal"}}},
        {.name = "run bad-certificate (10)",
         .argv = {argv[1], (char[]){"run"}, (char[]){"bad-certificate"}}},
        {.name = "run normal -o x.svg",
         .argv = {argv[1], (char[]){"run"}, (char[]){"normal"}, (char[]){"-o"}, svg}},
    };
    /* bad-certificate's runs fail as they should, and so end with status 0 */
    for (int round = 0; round < ROUNDS; round++)
        for (size_t i = 0; i < G_N_ELEMENTS(points); i++)
            run_once(&points[i], round);
    unlink(svg);
    qsort(points[0].times, ROUNDS, sizeof points[0].times[0], by_value);
    for (size_t i = 0; i < G_N_ELEMENTS(points); i++)
        print_point(&points[i], &points[0]);
    return 0;
}
