# What follows from a model, purely: objects, their places, steps, and what policies decide.
orchestrator/plan_USES := orchestrator/descriptor common
orchestrator/plan_PKGS := jansson
