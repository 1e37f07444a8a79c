using System.Diagnostics;

namespace Shop;

/// <summary>Prices in a database on another machine: every question takes a round trip.</summary>
internal sealed class PriceDatabase(TimeProvider time, TraceExporter traces)
{
    private static readonly TimeSpan RoundTrip = TimeSpan.FromMilliseconds(12);

    /// <summary>Asks for any number of prices at once.</summary>
    public async Task<int[]> PricesAsync(int[] products, CancellationToken cancellationToken)
    {
        var span = traces.StartChild("SELECT prices", products.Length);
        await Task.Delay(RoundTrip, time, cancellationToken);
        traces.End(span, isError: false);
        return Array.ConvertAll(products, PriceOf);
    }

    private static int PriceOf(int product) => 199 + (product * 37 % 4000);
}

/// <summary>What customers do.</summary>
internal static class Checkout
{
    private static readonly int[] Basket = [.. Enumerable.Range(1, 20)];

    /// <summary>Lists what there is.</summary>
    public static async Task<string> ListAsync(PriceDatabase database, CancellationToken cancellationToken)
    {
        var prices = await database.PricesAsync(Basket, cancellationToken);
        return string.Concat(prices.Select((price, i) => $"product {i + 1}: {price / 100m:0.00}\n"));
    }

    /// <summary>Version 1: asks for the whole basket.</summary>
    public static async Task<string> TotalAsync(PriceDatabase database, CancellationToken cancellationToken)
    {
        var prices = await database.PricesAsync(Basket, cancellationToken);
        return Receipt(prices.Sum());
    }

    /// <summary>Version 2: asks for one price after the other, as happens when a loop moves around a query.</summary>
    public static async Task<string> TotalItemByItemAsync(PriceDatabase database, CancellationToken cancellationToken)
    {
        var total = 0;
        foreach (var product in Basket)
        {
            total += (await database.PricesAsync([product], cancellationToken))[0];
        }

        Debug.Assert(total > 0, "prices are positive");
        return Receipt(total);
    }

    private static string Receipt(int cents) => $"{Basket.Length} items, {cents / 100m:0.00}\n";
}
