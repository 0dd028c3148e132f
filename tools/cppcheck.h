/* cppcheck.h: loops of system headers that cppcheck is not given, so that it sees them as
 * loops. */
#define json_array_foreach(array, i, value)                                              \
	for (i = 0; i < json_array_size(array) && (value = json_array_get(array, i)); i++)
#define json_object_foreach(object, key, value)                                          \
	for (key = first_key(object); key && (value = json_object_get(object, key));     \
		key = next_key(object, key))
#define TAILQ_FOREACH(var, head, field)                                                  \
	for (var = (head)->tqh_first; var; var = var->field.tqe_next)
