using Flyball.Step;

return Wrapper.Run(args);
