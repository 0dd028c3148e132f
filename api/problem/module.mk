# Errors as those who ask are told them: ProblemDetails.
api/problem_USES := common
api/problem_PKGS := jansson
