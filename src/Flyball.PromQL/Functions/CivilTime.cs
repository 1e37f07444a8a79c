namespace Flyball.PromQL.Functions;

/// <summary>The UTC date and time of a float as Unix seconds, for any float: years beyond those of <see cref="DateTime"/>, and
/// for NaN, infinities and what is too large the same nonsense as Go's.</summary>
/// <remarks>Days are counted from 1 March of a year so far back that they are never negative, as Go's <c>time</c> package does;
/// floats that do not fit become the least 64-bit integer, as its conversion on amd64 yields, and sums wrap.</remarks>
internal readonly struct CivilTime
{
    private const ulong SecondsPerDay = 86_400;
    private const ulong DaysPer400Years = 146_097;
    private const ulong Cycles = 730_692_556;

    // From 1 March of the year -292277022400 to 1 January 1970.
    private const ulong DaysBefore1970 = (Cycles * DaysPer400Years) + 719_468;

    private readonly ulong _days;
    private readonly ulong _secondOfDay;
    private readonly ulong _century;
    private readonly uint _yearOfCentury;
    private readonly uint _dayOfMarchYear;

    /// <summary>The time of a float.</summary>
    public CivilTime(double unixSeconds)
    {
        var whole = unixSeconds is >= long.MinValue and < 9223372036854775808.0 ? (long)unixSeconds : long.MinValue;
        var seconds = unchecked((ulong)whole + (DaysBefore1970 * SecondsPerDay));
        (_days, _secondOfDay) = Math.DivRem(seconds, SecondsPerDay);
        (_century, var restOfCentury) = Math.DivRem((4 * _days) + 3, DaysPer400Years);
        var (year, restOfYear) = Math.DivRem((uint)restOfCentury | 3, 1461u);
        _yearOfCentury = year;
        _dayOfMarchYear = restOfYear / 4;
    }

    /// <summary>0 to 23.</summary>
    public double Hour => _secondOfDay / 3600;

    /// <summary>0 to 59.</summary>
    public double Minute => _secondOfDay / 60 % 60;

    /// <summary>1 to 31.</summary>
    public double Day => _dayOfMarchYear - (((153 * MonthFromMarch) + 2) / 5) + 1;

    /// <summary>1 to 12.</summary>
    public double Month => IsJanuaryOrFebruary ? MonthFromMarch - 9 : MonthFromMarch + 3;

    /// <summary>The year; before year 1 they are 0, -1, ….</summary>
    public double Year => YearNumber;

    /// <summary>0 (Sunday) to 6. The day everything is counted from is a Wednesday.</summary>
    public double DayOfWeek => (_days + 3) % 7;

    /// <summary>1 to 366.</summary>
    public double DayOfYear => IsJanuaryOrFebruary ? _dayOfMarchYear - 305 : _dayOfMarchYear + 60 + (IsLeapYear ? 1 : 0);

    /// <summary>28 to 31.</summary>
    public double DaysInMonth => Month switch
    {
        2 => IsLeapYear ? 29 : 28,
        4 or 6 or 9 or 11 => 30,
        _ => 31,
    };

    private uint MonthFromMarch => ((5 * _dayOfMarchYear) + 2) / 153;

    private bool IsJanuaryOrFebruary => _dayOfMarchYear >= 306;

    private long YearNumber => (long)((_century * 100) + _yearOfCentury) - 292_277_022_400 + (IsJanuaryOrFebruary ? 1 : 0);

    private bool IsLeapYear => YearNumber % 4 == 0 && (YearNumber % 100 != 0 || YearNumber % 400 == 0);
}
