using Flyball.Step;
using Flyball.Step.Recording;

return Recorder.IsVerb(args) ? Recorder.Run(args) : Wrapper.Run(args);
