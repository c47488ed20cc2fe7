/* Paint: a scene as Graphviz text. */
#pragma once

#include "viz/scene.h"

/* The text, which says its layout (nop2), its page and its dpi itself. g_free. */
char *sequence_paint(const Scene *scene);
