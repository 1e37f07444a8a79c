using Flyball.Metrics.Child;

return args switch
{
    ["write", var folder, var first] => await WriteLoad.RunAsync(folder, long.Parse(first)),
    ["churn", var folder, var limit] => await ChurnStorm.RunAsync(folder, int.Parse(limit)),
    _ => 2,
};
