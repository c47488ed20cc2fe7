/* From a trace to a picture: how much is folded and how tightly it is set.
 *
 * A slide is tried airy first, then tightly set, then with its runs of data folded, then with its
 * flights folded; the first that fits is taken and given the room that is left. What does not fit
 * even then makes the slide higher: nothing is ever set smaller. A tall picture is as high as it
 * needs to be and folds only when asked.
 */
#include "viz/sequence.h"

#include "viz/flow.h"
#include "viz/sequence_check.h"
#include "viz/sequence_layout.h"
#include "viz/sequence_paint.h"

enum { SPREAD_MOST = 28 /* points that a row may gain on a slide that has room */ };

typedef struct {
    LayoutDensity density;
    int folds; /* how many levels of FlowFold */
} Attempt;

bool sequence_format_from_name(const char *name, SequenceFormat *format)
{
    if (g_strcmp0(name, "slide") == 0)
        *format = SEQUENCE_SLIDE;
    else if (g_strcmp0(name, "tall") == 0)
        *format = SEQUENCE_TALL;
    else
        return false;
    return true;
}

static Flow *flow_folded(const Trace *trace, int folds)
{
    Flow *flow = flow_new(trace);
    if (folds == 1)
        flow_fold(flow, FLOW_FOLD_DATA);
    if (folds == 2)
        flow_fold(flow, FLOW_FOLD_FLIGHTS);
    return flow;
}

static Scene *scene_attempt(const Trace *trace, const Attempt *attempt, SequenceFormat format,
                            bool last)
{
    g_autoptr(Flow) flow = flow_folded(trace, attempt->folds);
    LayoutOptions options = {.format = format,
                             .density = attempt->density,
                             .folded = (int)flow->rows->len < flow->messages};
    double needed = 0;
    g_autoptr(Scene) scene = sequence_layout(flow, &options, &needed);
    if (format == SEQUENCE_TALL || (last && needed > SLIDE_HEIGHT))
        return g_steal_pointer(&scene);
    if (needed > SLIDE_HEIGHT)
        return NULL;
    options.spread = (SLIDE_HEIGHT - needed) / MAX(flow->rows->len, 1);
    options.spread = MIN(options.spread, SPREAD_MOST);
    return sequence_layout(flow, &options, NULL);
}

Scene *sequence_scene(const Trace *trace, const SequenceOptions *options)
{
    static const Attempt slide[] = {{LAYOUT_AIRY, 0},
                                    {LAYOUT_COMPACT, 0},
                                    {LAYOUT_COMPACT, 1},
                                    {LAYOUT_AIRY, 2},
                                    {LAYOUT_COMPACT, 2}};
    static const Attempt folded[] = {{LAYOUT_AIRY, 2}, {LAYOUT_COMPACT, 2}};
    static const Attempt unfolded[] = {{LAYOUT_AIRY, 0}, {LAYOUT_COMPACT, 0}};
    SequenceFormat format = options == NULL ? SEQUENCE_SLIDE : options->format;
    SequenceFold fold = options == NULL ? SEQUENCE_FOLD_AUTO : options->fold;
    bool never =
        fold == SEQUENCE_FOLD_NEVER || (format == SEQUENCE_TALL && fold == SEQUENCE_FOLD_AUTO);
    const Attempt *attempts = never ? unfolded : fold == SEQUENCE_FOLD_ALWAYS ? folded : slide;
    size_t count = never || fold == SEQUENCE_FOLD_ALWAYS ? 2 : G_N_ELEMENTS(slide);
    for (size_t i = 0; i < count; i++) {
        Scene *scene = scene_attempt(trace, &attempts[i], format, i + 1 == count);
        if (scene != NULL)
            return scene;
    }
    g_assert_not_reached();
}

char *sequence_dot(const Trace *trace, const SequenceOptions *options)
{
    g_autoptr(Scene) scene = sequence_scene(trace, options);
    return sequence_paint(scene);
}

GPtrArray *sequence_faults(const Trace *trace, const SequenceOptions *options)
{
    g_autoptr(Scene) scene = sequence_scene(trace, options);
    return sequence_check(scene);
}
