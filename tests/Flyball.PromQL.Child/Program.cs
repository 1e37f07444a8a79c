using Flyball.PromQL.Child;

return args is [var first, var count] ? await Interrogation.RunAsync(int.Parse(first), int.Parse(count)) : 2;
