/* What is wrong with a layout.
 *
 * It looks at the scene as it will be painted and not at how it came about: it measures the texts
 * anew, and knows no row and no party. A quarter of a line's height may overlap, since letters do
 * not fill their line; a stroke may touch the edge of a text's line for the same reason.
 */
#include "viz/sequence_check.h"

#include "viz/text_width.h"

static const double size_least = 7.5; /* points: below it nobody reads a slide */

typedef struct {
    double left, top, right, bottom;
} Area;

/* The area that an item's ink may take; false for what has none of its own. */
static bool item_area(const SceneItem *item, Area *area)
{
    *area = (Area){item->left, item->top, item->right, item->bottom};
    if (item->kind == SCENE_BOX || item->kind == SCENE_MARK)
        return true;
    if (item->kind != SCENE_TEXT)
        return false;
    double width = scene_text_width(item->text, item->size, item->bold);
    double spare = scene_leading(item->size) / 8;
    double middle = (item->left + item->right) / 2;
    area->left = middle - width / 2;
    area->right = middle + width / 2;
    area->top += spare;
    area->bottom -= spare;
    return true;
}

static bool areas_overlap(const Area *a, const Area *b)
{
    return a->left < b->right && b->left < a->right && a->top < b->bottom && b->top < a->bottom;
}

static const char *item_name(const SceneItem *item)
{
    if (item->text != NULL)
        return item->text;
    return item->classes != NULL ? item->classes : "an item";
}

static void fault(GPtrArray *faults, const char *what, const SceneItem *a, const SceneItem *b)
{
    g_autofree char *line =
        b == NULL ? g_strdup_printf("%s: \"%s\"", what, item_name(a))
                  : g_strdup_printf("%s: \"%s\" and \"%s\"", what, item_name(a), item_name(b));
    g_ptr_array_add(faults, g_strdelimit(g_steal_pointer(&line), "\n", ' '));
}

static void check_alone(const Scene *scene, const SceneItem *item, GPtrArray *faults)
{
    Area area;
    if (!item_area(item, &area))
        return;
    if (area.left < 0 || area.top < 0 || area.right > scene->width || area.bottom > scene->height)
        fault(faults, "cut at the page's edge", item, NULL);
    if (item->text != NULL && item->size < size_least)
        fault(faults, "too small to read", item, NULL);
    if (item->kind != SCENE_BOX || item->text == NULL)
        return;
    double width = scene_text_width(item->text, item->size, item->bold);
    double height = scene_leading(item->size) * scene_text_lines(item->text);
    if (width > item->right - item->left || height > item->bottom - item->top + 2)
        fault(faults, "text wider or higher than its box", item, NULL);
}

/* A line through the inside of an area. */
static bool line_crosses(const SceneItem *line, const Area *area)
{
    double left = MIN(line->left, line->right), right = MAX(line->left, line->right);
    double top = MIN(line->top, line->bottom), bottom = MAX(line->top, line->bottom);
    return left < area->right && right > area->left && top < area->bottom && bottom > area->top;
}

static void check_crossing(const SceneItem *item, const SceneItem *line, GPtrArray *faults)
{
    Area area;
    if (!item_area(item, &area) || item->kind == SCENE_MARK || !line_crosses(line, &area))
        return;
    if (line->kind == SCENE_LIFELINE && item->kind == SCENE_BOX && item->lifeline == line->lifeline)
        return;
    fault(faults, line->kind == SCENE_LIFELINE ? "crossed by a lifeline" : "crossed by an arrow",
          item, line);
}

static void check_pair(const SceneItem *a, const SceneItem *b, GPtrArray *faults)
{
    Area first, second;
    if (a->kind == SCENE_LINE || a->kind == SCENE_LIFELINE) {
        check_crossing(b, a, faults);
        return;
    }
    if (b->kind == SCENE_LINE || b->kind == SCENE_LIFELINE) {
        check_crossing(a, b, faults);
        return;
    }
    if (item_area(a, &first) && item_area(b, &second) && areas_overlap(&first, &second))
        fault(faults, "overlap", a, b);
}

GPtrArray *sequence_check(const Scene *scene)
{
    GPtrArray *faults = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; i < scene->items->len; i++) {
        const SceneItem *item = g_ptr_array_index(scene->items, i);
        check_alone(scene, item, faults);
        for (guint j = i + 1; j < scene->items->len; j++)
            check_pair(item, g_ptr_array_index(scene->items, j), faults);
    }
    return faults;
}
