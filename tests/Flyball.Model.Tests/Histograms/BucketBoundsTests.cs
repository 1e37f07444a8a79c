using Flyball.Model.Histograms;

namespace Flyball.Model.Tests.Histograms;

public sealed class BucketBoundsTests
{
    /// <summary>As Prometheus prints them; the nearest double would end in another digit here and there.</summary>
    [Theory]
    [InlineData(0, 3, "8")]
    [InlineData(1, -1, "0.7071067811865475")]
    [InlineData(1, 1, "1.414213562373095")]
    [InlineData(2, -1, "0.8408964152537144")]
    [InlineData(2, 3, "1.6817928305074288")]
    [InlineData(6, -2, "0.9785720620876999")]
    [InlineData(6, -35, "0.6845012114872953")]
    [InlineData(8, -53, "0.8663180910111553")]
    [InlineData(8, -47, "0.8805069215187917")]
    [InlineData(-2, 3, "4096")]
    [InlineData(0, 1024, "1.7976931348623157E+308")]
    [InlineData(4, 16384, "1.7976931348623157E+308")]
    [InlineData(0, 1025, "∞")]
    [InlineData(3, 9000, "∞")]
    [InlineData(-4, -70, "0")]
    public void Exponential_bounds_are_those_of_Prometheus(int schema, int index, string expected)
    {
        var bound = BucketBounds.Exponential(schema, index);
        Assert.Equal(expected, double.IsPositiveInfinity(bound) ? "∞" : bound.ToString("R", System.Globalization.CultureInfo.InvariantCulture));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(5)]
    [InlineData(8)]
    public void Bounds_rise_and_a_finer_schema_has_those_of_a_coarser_one(int schema)
    {
        for (var index = -300; index < 300; index++)
        {
            Assert.True(BucketBounds.Exponential(schema, index) < BucketBounds.Exponential(schema, index + 1));
            Assert.Equal(BucketBounds.Exponential(Math.Max(schema - 1, -4), index), BucketBounds.Exponential(schema, index * 2));
        }
    }
}
