using Microsoft.Playwright;

namespace Flyball.EndToEnd.Tests.Support;

/// <summary>Pictures are kept only when somebody asks for them, e.g. to renew those in docs/: FLYBALL_SCREENSHOTS names the folder.</summary>
internal static class Screenshots
{
    public static async Task SaveAsync(IPage page, string name)
    {
        if (Environment.GetEnvironmentVariable("FLYBALL_SCREENSHOTS") is { Length: > 0 } folder)
        {
            await page.WaitForTimeoutAsync(400);
            await page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(folder, name + ".png") });
        }
    }
}
