using Flyball.Model.Text;
using FsCheck;
using FsCheck.Fluent;

namespace Flyball.Model.Tests.Text;

public sealed class GoFloatTests
{
    [Theory]
    [InlineData(0, "0")]
    [InlineData(-0.0, "-0")]
    [InlineData(1, "1")]
    [InlineData(-1.5, "-1.5")]
    [InlineData(0.1, "0.1")]
    [InlineData(1e15, "1000000000000000")]
    [InlineData(1.25e20, "125000000000000000000")]
    [InlineData(123456789012345680, "123456789012345680")]
    [InlineData(1e-7, "0.0000001")]
    [InlineData(-2.5e-10, "-0.00000000025")]
    [InlineData(double.NaN, "NaN")]
    [InlineData(double.PositiveInfinity, "+Inf")]
    [InlineData(double.NegativeInfinity, "-Inf")]
    public void Values_are_written_without_exponent(double value, string expected) => Assert.Equal(expected, GoFloat.ToText(value));

    [Fact]
    public void Any_value_reads_back_equal() =>
        Prop.ForAll(ArbMap.Default.ArbFor<double>(), value =>
            !double.IsFinite(value) || (double.Parse(GoFloat.ToText(value)) == value && !GoFloat.ToText(value).Contains('E')))
            .QuickCheckThrowOnFailure();

    [Theory]
    [InlineData(double.MaxValue)]
    [InlineData(double.MinValue)]
    [InlineData(double.Epsilon)]
    [InlineData(-double.Epsilon)]
    [InlineData(2.2250738585072014E-308)]
    public void Extremes_fit_and_read_back(double value) => Assert.Equal(value, double.Parse(GoFloat.ToText(value)));
}
