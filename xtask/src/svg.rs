//! A screen as a picture: its cells as SVG.

use std::fmt::Write as _;

/// Cell size in the picture, pixels.
const WIDTH: f64 = 8.4;
const HEIGHT: f64 = 17.0;

/// The cells as SVG: one text element per run of equal style, each cell at its own place.
pub(crate) fn svg(screen: &vt100::Screen) -> String {
    let (rows, columns) = screen.size();
    let (rows, columns) = (rows.get(), columns.get());
    let (width, height) = (f64::from(columns) * WIDTH + 16.0, f64::from(rows) * HEIGHT + 16.0);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width:.0}\" height=\"{height:.0}\" viewBox=\"0 0 {width:.1} {height:.1}\">\n\
         <rect width=\"100%\" height=\"100%\" rx=\"6\" fill=\"#16181d\"/>\n\
         <g font-family=\"'DejaVu Sans Mono','Noto Sans Mono CJK JP',Menlo,Consolas,monospace\" font-size=\"14\" xml:space=\"preserve\">\n"
    );
    for row in 0..rows {
        for column in 0..columns {
            let Some(cell) = screen.cell(row, column) else { continue };
            if cell.is_wide_continuation() {
                continue;
            }
            let (x, y) = (8.0 + f64::from(column) * WIDTH, 8.0 + f64::from(row) * HEIGHT);
            let cells = if cell.is_wide() { 2.0 } else { 1.0 };
            let (mut ink, mut paper) = (colour(cell.fgcolor(), "#d7dae0"), colour(cell.bgcolor(), ""));
            if cell.inverse() {
                (ink, paper) = (if paper.is_empty() { "#16181d".into() } else { paper }, ink);
            }
            if !paper.is_empty() {
                let _ = writeln!(
                    out,
                    "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{:.1}\" height=\"{HEIGHT}\" fill=\"{paper}\"/>",
                    WIDTH * cells + 0.2
                );
            }
            let text = cell.contents();
            if text.is_empty() || text == " " {
                continue;
            }
            let weight = if cell.bold() { " font-weight=\"bold\"" } else { "" };
            let faint = if cell.dim() { " opacity=\"0.55\"" } else { "" };
            let line = if cell.underline() { " text-decoration=\"underline\"" } else { "" };
            let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
            let _ = writeln!(
                out,
                "<text x=\"{x:.1}\" y=\"{:.1}\" fill=\"{ink}\"{weight}{faint}{line}>{text}</text>",
                y + 13.0
            );
        }
    }
    out.push_str("</g>\n</svg>\n");
    out
}

/// The 16 ANSI colours of a common dark theme.
fn colour(colour: vt100::Color, default: &str) -> String {
    const ANSI: [&str; 16] = [
        "#282c34", "#e06c75", "#98c379", "#e5c07b", "#61afef", "#c678dd", "#56b6c2", "#abb2bf", "#5c6370",
        "#ef7d87", "#a9d48a", "#f0cf8e", "#74bdf7", "#d68be8", "#67c7d3", "#ffffff",
    ];
    match colour {
        vt100::Color::Default => default.to_owned(),
        vt100::Color::Idx(i) => {
            ANSI.get(usize::from(i)).map_or_else(|| default.to_owned(), |c| (*c).to_owned())
        }
        vt100::Color::Rgb(r, g, b) => format!("#{r:02x}{g:02x}{b:02x}"),
    }
}
