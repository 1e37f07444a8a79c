using Flyball.Model.Time;
using Flyball.Server.PrometheusApi;
using Microsoft.AspNetCore.Http;

namespace Flyball.Server.Tests.PrometheusApi;

public sealed class ApiRequestTests
{
    [Theory]
    [InlineData("1600000000", 1_600_000_000_000)]
    [InlineData("1600000000.1234", 1_600_000_000_123)]
    [InlineData("1.6e9", 1_600_000_000_000)]
    [InlineData("-1.5", -1500)]
    [InlineData("2020-09-13T12:26:40Z", 1_600_000_000_000)]
    [InlineData("2020-09-13T14:26:40.5+02:00", 1_600_000_000_500)]
    [InlineData("2020-09-13T12:26:40.123456789Z", 1_600_000_000_123)]
    [InlineData("-292273086-05-16T16:47:06Z", long.MinValue / 1_000_000)]
    [InlineData("+292277025-08-18T07:12:54.999999999Z", long.MaxValue / 1_000_000)]
    public async Task Times_are_read(string text, long expectedMs) =>
        Assert.Equal(new TimestampMs(expectedMs), (await Request("time", text)).RequiredTime("time"));

    [Theory]
    [InlineData("")]
    [InlineData("yesterday")]
    [InlineData("NaN")]
    [InlineData("1e300")]
    [InlineData("2020-09-13 12:26:40")]
    public async Task What_is_no_time_is_named_with_its_parameter(string text)
    {
        var request = await Request("time", text);
        var error = Assert.Throws<ApiException>(() => request.RequiredTime("time"));
        Assert.Equal($"invalid parameter \"time\": cannot parse \"{text}\" to a valid timestamp", error.Message);
        Assert.Equal(("bad_data", 400), (error.ErrorType, error.StatusCode));
    }

    [Theory]
    [InlineData("15", 15_000)]
    [InlineData("0.5", 500)]
    [InlineData("1h30m", 5_400_000)]
    public async Task Durations_are_read(string text, long expectedMs) =>
        Assert.Equal(new DurationMs(expectedMs), (await Request("step", text)).RequiredDuration("step"));

    [Theory]
    [InlineData("-1", "invalid parameter \"limit\": limit must be non-negative")]
    [InlineData("x", "invalid parameter \"limit\": cannot parse \"x\" to an integer")]
    public async Task Bad_limits_are_refused(string text, string expected)
    {
        var request = await Request("limit", text);
        Assert.Equal(expected, Assert.Throws<ApiException>(() => request.Limit()).Message);
    }

    [Theory]
    [InlineData("U__my_2e_name", "my.name")]
    [InlineData("U__a__b", "a_b")]
    [InlineData("U___1F600_", "\U0001F600")]
    [InlineData("U__broken_zz_", "U__broken_zz_")]
    public void Escaped_names_are_decoded(string escaped, string expected) => Assert.Equal(expected, EscapedName.Decode(escaped));

    private static async Task<ApiRequest> Request(string name, string value)
    {
        var context = new DefaultHttpContext();
        context.Request.QueryString = QueryString.Create(name, value);
        return await ApiRequest.ReadAsync(context.Request, TestContext.Current.CancellationToken);
    }
}
