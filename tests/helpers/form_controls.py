"""Controls and forms, and what a browser sends for them."""

from __future__ import annotations

CONTROLS = {
    "text": ('<input name="a" value="1">', [("a", "1")]),
    "text without a value": ('<input name="a">', [("a", "")]),
    "entities": ('<input name="a" value="&lt;&quot;&amp;&#233;">', [("a", '<"&é')]),
    "hidden": ('<input type="hidden" name="a" value="1">', [("a", "1")]),
    "upper case": ('<INPUT TYPE="CHECKBOX" NAME="a" CHECKED>', [("a", "on")]),
    "closed tag": ('<input name="a" value="1" />', [("a", "1")]),
    "no name": ('<input value="1"><input name="" value="2">', []),
    "disabled": ('<input name="a" value="1" disabled>', []),
    "read-only": ('<input name="a" value="1" readonly>', [("a", "1")]),
    "same name": (
        '<input name="a" value="1"><input name="a" value="2">',
        [("a", "1"), ("a", "2")],
    ),
    "buttons": (
        '<input type="submit" name="a" value="1"><input type="button" name="b">'
        '<input type="reset" name="c"><input type="image" name="d">'
        '<button name="e" value="1">e</button>',
        [],
    ),
    "file": ('<input type="file" name="a">', []),
    "checkbox": (
        '<input type="checkbox" name="a" value="1" checked>'
        '<input type="checkbox" name="a" value="2">'
        '<input type="checkbox" name="a" value="3" checked="checked">'
        '<input type="checkbox" name="b" checked>'
        '<input type="checkbox" name="c" value="1" checked disabled>',
        [("a", "1"), ("a", "3"), ("b", "on")],
    ),
    "radio": (
        '<input type="radio" name="a" value="1">'
        '<input type="radio" name="a" value="2" checked>'
        '<input type="radio" name="b" value="1">',
        [("a", "2")],
    ),
    "radio that is checked twice": (
        '<input type="radio" name="a" value="1" checked>'
        '<input type="radio" name="a" value="2" checked>'
        '<input type="radio" name="b" value="3" checked>',
        [("a", "2"), ("b", "3")],
    ),
    "select": (
        '<select name="a"><option value="1">one<option value="2" selected>two</select>',
        [("a", "2")],
    ),
    "select without a choice": (
        '<select name="a"><option value="1">one</option>'
        '<option value="2">two</option></select>',
        [("a", "1")],
    ),
    "select with two choices": (
        '<select name="a"><option value="1" selected><option value="2" selected>'
        "</select>",
        [("a", "2")],
    ),
    "select without options": ('<select name="a"></select>', []),
    "select in groups": (
        '<select name="a"><optgroup label="g"><option value="1">one</optgroup>'
        '<optgroup label="h"><option value="2" selected>two</optgroup></select>',
        [("a", "2")],
    ),
    "several": (
        '<select name="a" multiple><option value="1" selected><option value="2">'
        '<option value="3" selected></select>',
        [("a", "1"), ("a", "3")],
    ),
    "select that is a box": (
        '<select name="a" size="2"><option>1</option></select>'
        '<select name="b" size="1"><option>2</option></select>',
        [("b", "2")],
    ),
    "disabled options": (
        '<select name="a"><option disabled>1</option><optgroup disabled>'
        "<option>2</option></optgroup><option>3</option></select>"
        '<select name="b"><option selected disabled>4</option><option>5</select>',
        [("a", "3")],
    ),
    "several without a choice": (
        '<select name="a" multiple><option value="1"><option value="2"></select>',
        [],
    ),
    "disabled fieldset": (
        '<fieldset disabled><input name="a"><fieldset><input name="b"></fieldset>'
        '</fieldset><input name="c" value="1">',
        [("c", "1")],
    ),
    "legend of a disabled fieldset": (
        '<fieldset disabled><legend><input name="a" value="1"></legend>'
        '<input name="b"><legend><input name="c"></legend></fieldset>'
        '<legend><input name="d" value="2"></legend>',
        [("a", "1"), ("d", "2")],
    ),
    "legend inside a disabled fieldset": (
        "<fieldset disabled><legend>x</legend><fieldset><legend>"
        '<input name="a"></legend></fieldset></fieldset>',
        [],
    ),
    "end of a fieldset that none began": (
        '</fieldset></legend></select></textarea><input name="a" value="1">',
        [("a", "1")],
    ),
    "template": (
        '<template><form id="f"><select name="a"><option>1</select></form>'
        '<template></template>x</template><input name="b" value="1">',
        [("b", "1")],
    ),
    "attribute that is there twice": (
        '<input name="a" name="b" value="1">',
        [("a", "1")],
    ),
    "disabled select": (
        '<select name="a" disabled><option value="1" selected>one</select>'
        '<select name="b"><option value="2">two</select>',
        [("b", "2")],
    ),
    "options without a value": (
        '<select name="a"><option>one</option><option selected> two\n  words </option>'
        "</select>",
        [("a", "two words")],
    ),
    "option with an empty value": (
        '<select name="a"><option value="">Choose</option></select>',
        [("a", "")],
    ),
    "suggestions": (
        '<input name="a" value="1" list="l"><datalist id="l"><option>x</datalist>',
        [("a", "1")],
    ),
    "text area": (
        '<textarea name="a">\n first\nsecond &lt;b&gt; </textarea>',
        [("a", " first\nsecond <b> ")],
    ),
    "text area with a line of its own": (
        '<textarea name="a">\n\nx</textarea>',
        [("a", "\nx")],
    ),
    "text area with tags": (
        '<textarea name="a"><b>x</b> <input name="b"></textarea>',
        [("a", '<b>x</b> <input name="b">')],
    ),
    "empty text area": ('<textarea name="a"></textarea>', [("a", "")]),
    "disabled text area": (
        '<textarea name="a" disabled>x</textarea><textarea name="b">y</textarea>',
        [("b", "y")],
    ),
    "protocol's fields": ('<input type="hidden" name="__EVENTTARGET" value="x">', []),
    "two forms": (
        '<input name="a" value="1"></form><form><input name="b" value="2">',
        [("a", "1")],
    ),
    "text around": ("<p>a <b>b</b></p><script>if (a < b) c()</script>", []),
}

FORMS = {
    "control outside": (
        '<form id="f"></form><input name="a" form="f"><input name="b">',
        [["a"]],
    ),
    "control before its form": (
        '<input name="a" form="f"><form id="f"><input name="b"></form>',
        [["a", "b"]],
    ),
    "control inside another form": (
        '<form id="f"><input name="a" form="g"></form><form id="g"></form>',
        [[], ["a"]],
    ),
    "unknown form": ('<form><input name="a" form="x"></form>', [[]]),
    "no form": ('<form><input name="a" form><input name="b" form=""></form>', [[]]),
    "id of something else": (
        '<p id="f"></p><form id="f"><input name="a" form="f"></form>',
        [[]],
    ),
    "nested forms": (
        '<form><input name="a"><form><input name="b"></form><input name="c"></form>',
        [["a", "b"]],
    ),
    "form that is open": ('<form><input name="a">', [["a"]]),
    "form that ends after what it is in": (
        '<div><form><input name="a"></div><input name="b"></form>',
        [["a", "b"]],
    ),
    "select and text area": (
        '<form id="f"></form><select name="a" form="f"><option>1</select>'
        '<textarea name="b" form="f"></textarea>',
        [["a", "b"]],
    ),
}
