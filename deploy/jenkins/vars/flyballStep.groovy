// A step for pipelines, from a shared library: flyballStep 'make unit'
// or flyballStep(command: 'make unit', name: 'unit', type: 'test', server: 'https://flyball.example.com')
// The command runs under flyball-step, as a span in the trace of the build; without flyball-step on the agent it runs as it is.

def call(String command) {
    call(command: command)
}

def call(Map settings) {
    def surroundings = [
        "FLYBALL_STEP_COMMAND=${settings.command}",
        "FLYBALL_STEP_NAME=${settings.name ?: env.STAGE_NAME ?: 'sh'}",
        "FLYBALL_STEP_TYPE=${settings.type ?: ''}",
        "FLYBALL_STEP=${settings.step ?: 'flyball-step'}",
    ]
    if (settings.server) {
        surroundings.add("FLYBALL_SERVER=${settings.server}")
    }

    withEnv(surroundings) {
        sh libraryResource('flyball-step.sh')
    }
}
