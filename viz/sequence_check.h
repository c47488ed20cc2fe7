/* The layout checker: what is wrong with a scene, measured with real font widths. */
#pragma once

#include "core/engine/trace.h"
#include "viz/scene.h"
#include "viz/sequence.h"

/* The scene that sequence_dot() paints; scene_free. */
Scene *sequence_scene(const Trace *trace, const SequenceOptions *options);

/* Sentences (char *), one a fault: text cut at the page's edge or smaller than may be read, text
 * that overlaps other text, a box or a mark, text crossed by a lifeline or an arrow, a box that
 * covers a lifeline that is not its own or is too small for its text. Empty when nothing is wrong;
 * g_ptr_array_unref. */
GPtrArray *sequence_check(const Scene *scene);
